// The models that the window's questions are asked of: loaded once, whichever view asks.
#pragma once

#include <QObject>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "ui/models/wanted_model.h"
#include "ui/session/background.h"
#include "vernier/model.h"

namespace vernier::ui {

class Workbench;

// Any thread. Models in memory, lent to one borrower at a time: a model computes for one thread only, and two views
// that ask the same one need it once.
class LoadedModels : public std::enable_shared_from_this<LoadedModels> {
 public:
  // The models in use, in the order they were wanted. Everybody else waits until it is gone.
  class Loan {
   public:
    explicit Loan(std::shared_ptr<LoadedModels> owner) : owner_(std::move(owner)) {}
    Loan(Loan&&) = default;
    Loan& operator=(Loan&&) = delete;
    ~Loan();
    LanguageModel& operator[](std::size_t index) const { return *owner_->held_[index].model; }
    // When its folders were last written: other weights where this is another time.
    std::filesystem::file_time_type written(std::size_t index) const { return owner_->held_[index].written; }

   private:
    std::shared_ptr<LoadedModels> owner_;
  };

  // Waits while others use them, lets go of what is not wanted, and then loads what is missing: a folder that was saved
  // anew meanwhile is loaded anew. waits: called where others are at it; loads: how far the loading is.
  // Errors: those of LanguageModel::load; kCancelled where it was stopped.
  Loan borrow(const std::vector<WantedModel>& wanted, const std::function<void()>& waits, const ProgressCallback& loads,
              std::stop_token stop);
  // Gives their memory back, at once or when the borrower is done. Takes as long as that takes.
  void forget();

 private:
  struct Held {
    WantedModel wanted;
    std::filesystem::file_time_type written;
    std::unique_ptr<LanguageModel> model;
  };
  void give_back();

  std::mutex mutex_;
  std::condition_variable_any returned_;
  bool is_lent_ = false;
  bool forgets_ = false;    // when they come back
  std::vector<Held> held_;  // the borrower's alone while they are lent
};

// The model's tokenizer. Errors: kNotFound where its folder has none.
const Tokenizer& tokenizer_of(const LanguageModel& model, const std::string& model_dir);

// GUI thread. Keeps the models while their run is shown. One a workbench: session_of<ModelShelf>().
class ModelShelf : public QObject {
  Q_OBJECT

 public:
  explicit ModelShelf(Workbench* workbench);
  // For the threads that ask; outlives the shelf.
  const std::shared_ptr<LoadedModels>& models() const { return models_; }

 private:
  std::shared_ptr<LoadedModels> models_ = std::make_shared<LoadedModels>();
  QString run_dir_;  // of the run that they belong to
  Worker worker_;    // gives memory back
};

}  // namespace vernier::ui
