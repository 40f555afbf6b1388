// Model folders in the places where people have them.
#pragma once

#include <QStringList>
#include <stop_token>
#include <vector>

#include "ui/models/found_models.h"

namespace vernier::ui {

// The bundled demo model, `recent` ones, the Hugging Face cache ($HF_HUB_CACHE and its older names, $HF_HOME/hub,
// ~/.cache/huggingface/hub; of each model the snapshot that its `main` names, else the newest), the ModelScope cache
// ($MODELSCOPE_CACHE, ~/.cache/modelscope/hub), LM Studio's folders, and ~/models. A folder counts where it has a
// config.json with a model_type. Blocks, for a thread of its own; ends early with what it has where `stop` is asked
// for.
std::vector<FoundModel> find_models_on_this_machine(const QStringList& recent, const std::stop_token& stop);

// Whether the folder looks like a checkpoint, and like a PEFT adapter.
bool is_model_folder(const QString& path);
bool is_adapter_folder(const QString& path);

}  // namespace vernier::ui
