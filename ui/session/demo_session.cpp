#include "ui/session/demo_session.h"

#include <exception>
#include <utility>

namespace vernier::ui {

DemoSession::DemoSession(std::function<Demo()> load_demo, AnswerFunction answer, QObject* parent)
    : QObject(parent), load_demo_(std::move(load_demo)), answer_(std::move(answer)) {}

void DemoSession::set_activity(const QString& text) {
  activity_ = text;
  Q_EMIT answersChanged();
}

void DemoSession::load() {
  worker_.run([this](const std::stop_token&) {
    try {
      Demo demo = load_demo_();
      mailbox_.post([this, demo = std::move(demo)] {
        demo_ = demo;
        answers_.set_prompts(demo.prompts);
        Q_EMIT loaded();
        ask({}, &AnswersModel::set_before);
      });
    } catch (const std::exception& error) {
      mailbox_.post([this, sentence = QString::fromUtf8(error.what())] { Q_EMIT failed(sentence); });
    }
  });
}

void DemoSession::forget_after() {
  answers_.set_after({});
  Q_EMIT answersChanged();
}

void DemoSession::ask_after(const QString& adapter_dir) {
  if (demo_) ask(adapter_dir, &AnswersModel::set_after);
}

void DemoSession::ask(const QString& adapter_dir, void (AnswersModel::*set)(const QStringList&)) {
  std::vector<std::string> prompts;
  for (const DemoPrompt& prompt : demo_->prompts) prompts.push_back(prompt.prompt);
  set_activity(adapter_dir.isEmpty() ? tr("Asking the model before training\u2026")
                                     : tr("Asking the model after training\u2026"));
  worker_.run([this, set, prompts = std::move(prompts), model = demo_->model_dir,
               adapter = adapter_dir.toStdString()](std::stop_token stop) {
    try {
      QStringList answers;
      for (const std::string& text : answer_(model, adapter, prompts, std::move(stop))) {
        answers.append(QString::fromStdString(text));
      }
      mailbox_.post([this, set, answers = std::move(answers)] {
        (answers_.*set)(answers);
        set_activity({});
      });
    } catch (const std::exception& error) {
      mailbox_.post([this, sentence = QString::fromUtf8(error.what())] {
        set_activity({});
        Q_EMIT failed(sentence);
      });
    }
  });
}

}  // namespace vernier::ui
