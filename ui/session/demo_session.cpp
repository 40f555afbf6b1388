#include "ui/session/demo_session.h"

#include <QDir>
#include <QFileInfo>
#include <exception>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {

QString DemoSession::adapter_of(const QString& run_dir) {
  return QDir(run_dir).filePath(QStringLiteral("adapter"));
}

DemoSession::DemoSession(std::function<Demo()> load_demo, AnswerFunction answer, QObject* parent)
    : QObject(parent), load_demo_(std::move(load_demo)), answer_(std::move(answer)) {}

void DemoSession::end_question() {
  // The next one has said already what is being done.
  if (--open_questions_ == 0) set_activity({});
}

void DemoSession::set_activity(const QString& text) {
  activity_ = text;
  Q_EMIT answersChanged();
}

void DemoSession::load() {
  worker_.run([this](const std::stop_token&) {
    try {
      Demo demo = load_demo_();
      mailbox_.post([this, demo = std::move(demo)] {
        adopt(demo);
        Q_EMIT loaded();
        ask({}, &AnswersModel::set_before);
      });
    } catch (const std::exception& error) {
      mailbox_.post([this, sentence = engine_text(error.what())] { Q_EMIT failed(sentence); });
    }
  });
}

void DemoSession::recognise(const RunConfig& config, const QString& run_dir) {
  worker_.run([this, data = config.dataset.path, run_dir](const std::stop_token&) {
    try {
      Demo demo = load_demo_();
      if (demo.config.dataset.path != data) return;
      mailbox_.post([this, demo = std::move(demo), run_dir] {
        adopt(demo);
        Q_EMIT recognised(run_dir);
        ask({}, &AnswersModel::set_before);
        ask_after(adapter_of(run_dir));
      });
    } catch (const std::exception&) {
      // Without the demo's files this is a run as any other.
    }
  });
}

void DemoSession::adopt(const Demo& demo) {
  demo_ = demo;
  answers_.set_prompts(demo.prompts);
}

void DemoSession::forget_after() {
  answers_.set_after({});
  Q_EMIT answersChanged();
}

void DemoSession::ask_after(const QString& adapter_dir) {
  if (demo_ && QFileInfo::exists(adapter_dir)) ask(adapter_dir, &AnswersModel::set_after);
}

void DemoSession::ask(const QString& adapter_dir, void (AnswersModel::*set)(const QStringList&)) {
  std::vector<std::string> prompts;
  for (const DemoPrompt& prompt : demo_->prompts) prompts.push_back(prompt.prompt);
  ++open_questions_;
  set_activity(adapter_dir.isEmpty() ? tr("Asking the model before training\u2026")
                                     : tr("Asking the model after training\u2026"));
  worker_.run([this, set, prompts = std::move(prompts),
               wanted = WantedModel{.model_dir = demo_->model_dir, .adapter_dir = adapter_dir.toStdString()}](
                  std::stop_token stop) {
    yield_to_gui();
    try {
      QStringList answers;
      for (const std::string& text : answer_(wanted, prompts, std::move(stop))) {
        answers.append(QString::fromStdString(text));
      }
      mailbox_.post([this, set, answers = std::move(answers)] {
        (answers_.*set)(answers);
        end_question();
        Q_EMIT answersChanged();
      });
    } catch (const std::exception& error) {
      mailbox_.post([this, sentence = engine_text(error.what())] {
        end_question();
        Q_EMIT failed(sentence);
      });
    }
  });
}

}  // namespace vernier::ui
