#include "ui/session/layout_loader.h"

#include <exception>

#include "ui/widgets/engine_text.h"

namespace vernier::ui {

LayoutLoader::LayoutLoader(QObject* parent) : QObject(parent) {}

void LayoutLoader::load(const QString& run_dir, const RunConfig& config, qint64 step) {
  worker_.run([this, number = ++newest_, path = run_dir.toStdString(), config, step](const std::stop_token& stop) {
    if (stop.stop_requested() || number != newest_) return;
    const auto post = [this, number](std::function<void()> letter) {
      mailbox_.post([this, number, letter = std::move(letter)] {
        if (number == newest_) letter();
      });
    };
    try {
      const RunReader reader(path);
      StepLayout layout(step, reader.sequences(step), reader.tokens(step), config);
      post([this, layout = std::move(layout)] { Q_EMIT loaded(layout); });
    } catch (const std::exception& error) {
      post([this, sentence = engine_text(error.what())] { Q_EMIT failed(sentence); });
    }
  });
}

}  // namespace vernier::ui
