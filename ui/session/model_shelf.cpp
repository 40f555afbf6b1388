#include "ui/session/model_shelf.h"

#include <algorithm>
#include <utility>

#include "ui/session/workbench.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

namespace fs = std::filesystem;

// One spelling a folder, so that views that came to it on different ways share a model.
std::string settled(const std::string& folder) {
  if (folder.empty()) return folder;
  std::error_code none;
  const fs::path path = fs::weakly_canonical(folder, none);
  return none ? folder : path.string();
}

// When what is in these folders was last written: saving puts a whole new folder in place.
fs::file_time_type written_at(const WantedModel& wanted) {
  fs::file_time_type latest = fs::file_time_type::min();
  for (const std::string& folder : {wanted.model_dir, wanted.adapter_dir}) {
    if (folder.empty()) continue;
    for (const char* name : {"config.json", "adapter_config.json", "adapter_model.safetensors"}) {
      std::error_code none;
      const fs::file_time_type time = fs::last_write_time(fs::path(folder) / name, none);
      if (!none) latest = std::max(latest, time);
    }
  }
  return latest;
}

}  // namespace

LoadedModels::Loan::~Loan() {
  if (owner_) owner_->give_back();
}

LoadedModels::Loan LoadedModels::borrow(const std::vector<WantedModel>& wanted, const std::function<void()>& waits,
                                        const ProgressCallback& loads, std::stop_token stop) {
  {
    std::unique_lock lock(mutex_);
    if (is_lent_ && waits) {
      lock.unlock();
      waits();
      lock.lock();
    }
    if (!returned_.wait(lock, stop, [this] { return !is_lent_; })) {
      fail(ErrorCode::kCancelled, "model", "stopped before the model was free.");
    }
    is_lent_ = true;
  }
  Loan loan(shared_from_this());  // comes back where loading fails
  std::vector<Held> kept;
  for (WantedModel one : wanted) {
    one.model_dir = settled(one.model_dir);
    one.adapter_dir = settled(one.adapter_dir);
    one.chat_template.clear();  // whatever it is asked by
    Held& place = kept.emplace_back(Held{.wanted = std::move(one), .written = {}, .model = nullptr});
    place.written = written_at(place.wanted);
    const auto same = std::find_if(held_.begin(), held_.end(), [&](const Held& held) {
      return held.model && held.wanted == place.wanted && held.written == place.written;
    });
    if (same != held_.end()) place.model = std::move(same->model);
  }
  held_ = std::move(kept);  // what is not wanted goes first, so that it is never in memory beside what comes
  for (Held& held : held_) {
    if (held.model) continue;
    ModelOptions options;
    options.model_dir = held.wanted.model_dir;
    options.adapter_dir = held.wanted.adapter_dir;
    options.quantization = held.wanted.quantization;
    held.model = LanguageModel::load(options, loads, stop);
  }
  return loan;
}

void LoadedModels::give_back() {
  std::vector<Held> gone;
  {
    const std::lock_guard lock(mutex_);
    // A loading that failed leaves nothing half there.
    const bool is_whole =
        std::all_of(held_.begin(), held_.end(), [](const Held& held) { return held.model != nullptr; });
    if (std::exchange(forgets_, false) || !is_whole) gone = std::exchange(held_, {});
    is_lent_ = false;
  }
  returned_.notify_one();
}

void LoadedModels::forget() {
  std::vector<Held> gone;
  const std::lock_guard lock(mutex_);
  if (is_lent_) {
    forgets_ = true;
  } else {
    gone = std::exchange(held_, {});
  }
}

const Tokenizer& tokenizer_of(const LanguageModel& model, const std::string& model_dir) {
  if (model.tokenizer() == nullptr) {
    fail(ErrorCode::kNotFound, model_dir,
         ModelShelf::tr("tokenizer: got none, expected one beside the weights.").toStdString());
  }
  return *model.tokenizer();
}

ModelShelf::ModelShelf(Workbench* workbench) : QObject(workbench) {
  const RunModel& run = workbench->run();
  run_dir_ = run.run_dir();
  connect(&run, &RunModel::wasReset, this, [this, &run] {
    if (std::exchange(run_dir_, run.run_dir()) == run.run_dir()) return;
    worker_.run([models = models_](const std::stop_token&) { models->forget(); });
  });
}

}  // namespace vernier::ui
