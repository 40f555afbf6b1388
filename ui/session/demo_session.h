// The bundled demo: what it is, and the model's answers before and after.
#pragma once

#include <QObject>
#include <QString>
#include <optional>

#include "ui/models/answers_model.h"
#include "ui/session/background.h"
#include "ui/session/engine_access.h"

namespace vernier::ui {

// GUI thread; the model is loaded and asked on a thread of its own.
class DemoSession : public QObject {
  Q_OBJECT

 public:
  DemoSession(std::function<Demo()> load_demo, AnswerFunction answer, QObject* parent = nullptr);

  // Reads the demo's files, then asks the base model: loaded(), later answersChanged().
  void load();
  // Where a run with this configuration is one of the demo's: as load(), and the answers of its adapter. Then
  // recognised() instead of loaded().
  void recognise(const RunConfig& config, const QString& run_dir);
  // The tuned model's answers; `adapter_dir` as the run left it.
  void ask_after(const QString& adapter_dir);
  // Where a run folder keeps its last good adapter.
  static QString adapter_of(const QString& run_dir);
  // New run of the same demo: the answers after training are forgotten.
  void forget_after();

  bool is_loaded() const { return demo_.has_value(); }
  const Demo& demo() const { return *demo_; }
  AnswersModel& answers() { return answers_; }
  // What is being done, in words; "" where nothing is.
  const QString& activity() const { return activity_; }
  // Something was asked and is not answered yet.
  bool is_busy() { return worker_.is_busy() || !mailbox_.is_empty(); }

 Q_SIGNALS:
  void loaded();
  void recognised(const QString& run_dir);
  void answersChanged();
  void failed(const QString& sentence);

 private:
  void adopt(const Demo& demo);
  void ask(const QString& adapter_dir, void (AnswersModel::*set)(const QStringList&));
  void set_activity(const QString& text);
  void end_question();

  std::function<Demo()> load_demo_;
  AnswerFunction answer_;
  std::optional<Demo> demo_;
  AnswersModel answers_;
  QString activity_;
  int open_questions_ = 0;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
