// A parity check of what a run saved, made by the window itself: for runs that do not go on.
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <string>

#include "ui/session/background.h"
#include "ui/session/model_shelf.h"
#include "vernier/parity.h"

namespace vernier::ui {

// What is checked.
struct ParityCheckRequest {
  std::string run_dir;
  std::string model_dir;
  std::string adapter_dir;            // "" for a model that was trained whole
  std::string quantization = "none";  // of the run's weights
  std::int64_t step = 0;              // that it was saved after
};

// GUI thread; the model is asked on a thread of its own. The batch is the first sequences of the run's last
// recorded step, as the run itself would take them.
class ParityCheck : public QObject {
  Q_OBJECT

 public:
  explicit ParityCheck(std::shared_ptr<LoadedModels> models, QObject* parent = nullptr);
  ~ParityCheck() override;

  // Nothing while one goes on.
  void check(const ParityCheckRequest& request);
  void stop();

  bool is_busy() const { return is_busy_; }
  // In words; "" where nothing goes on.
  const QString& activity() const { return activity_; }

 Q_SIGNALS:
  void checked(const QString& run_dir, const vernier::ParityReport& report);
  void failed(const QString& sentence);
  void activityChanged();

 private:
  void set_activity(const QString& text);
  void end(const QString& error);

  std::shared_ptr<LoadedModels> models_;
  bool is_busy_ = false;
  QString activity_;
  std::stop_source stop_;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
