#include "ui/session/presets.h"

#include <QDir>
#include <QFile>
#include <QLocale>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "vernier/error.h"
#include "vernier/resources.h"

namespace vernier::ui {
namespace {

using nlohmann::json;

QString in_language(const json& texts) {
  const std::string name = QLocale().name().toStdString();
  const auto own = texts.find(name);
  return QString::fromStdString((own != texts.end() ? *own : texts.at("en")).get<std::string>());
}

}  // namespace

std::vector<Preset> load_presets() {
  const QDir folder(QString::fromStdString(resource_dir()) + QLatin1String("/presets"));
  std::vector<std::pair<int, Preset>> found;
  for (const QString& name : folder.entryList({QStringLiteral("*.json")}, QDir::Files)) {
    QFile file(folder.filePath(name));
    if (!file.open(QIODevice::ReadOnly)) {
      fail(ErrorCode::kIo, file.fileName().toStdString(), "the preset cannot be read.");
    }
    try {
      const json parsed = json::parse(file.readAll().toStdString());
      Preset preset;
      preset.id = name.chopped(5);
      preset.title = in_language(parsed.at("title"));
      preset.summary = in_language(parsed.at("summary"));
      preset.settings = parsed.at("config").dump();
      found.emplace_back(parsed.at("order").get<int>(), std::move(preset));
    } catch (const json::exception& error) {
      fail(ErrorCode::kInvalidInput, file.fileName().toStdString(),
           std::string("the preset is damaged: ") + error.what());
    }
  }
  if (found.empty()) fail(ErrorCode::kNotFound, folder.path().toStdString(), "there are no presets.");
  std::ranges::sort(found, {}, [](const auto& entry) { return entry.first; });
  std::vector<Preset> presets;
  for (auto& [order, preset] : found) presets.push_back(std::move(preset));
  return presets;
}

RunConfig apply_preset(const Preset& preset, const RunConfig& config) {
  // A draft may still lack what a run file must name.
  RunConfig whole = config;
  if (whole.model_name_or_path.empty()) whole.model_name_or_path = "model";
  if (whole.dataset.path.empty() && !whole.batch) whole.dataset.path = "data";
  json merged = whole.to_json();
  json settings = json::parse(preset.settings);
  if (config.method == Method::kFull) {
    settings.erase("lora");
    settings.erase("quantization");  // weights in 4 bits are not trained
  }
  if (config.eval_dataset || config.batch) settings.erase("eval_fraction");
  merged.merge_patch(settings);
  RunConfig out = RunConfig::from_json(merged, "");
  out.model_name_or_path = config.model_name_or_path;
  out.dataset = config.dataset;
  // What a run file with method full leaves out.
  if (config.method == Method::kFull) out.lora = config.lora;
  return out;
}

bool matches_preset(const Preset& preset, const RunConfig& config) {
  try {
    return apply_preset(preset, config).to_json() == config.to_json();
  } catch (const Error&) {
    return false;  // it contradicts itself, as no preset does
  }
}

}  // namespace vernier::ui
