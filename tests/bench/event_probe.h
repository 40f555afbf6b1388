// How long single events hold the thread that delivers them, and whose they were.
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QMetaEnum>
#include <algorithm>
#include <cstdio>
#include <vector>

namespace vernier::test {

// The application of a bench: times every event from its delivery to its end, those within it included.
class ProbedApplication : public QApplication {
 public:
  using QApplication::QApplication;

  bool notify(QObject* receiver, QEvent* event) override {
    if (is_within_) return QApplication::notify(receiver, event);
    is_within_ = true;
    // The receiver may be gone behind it.
    Hold hold{0.0, receiver->metaObject()->className(), event->type()};
    QElapsedTimer clock;
    clock.start();
    const bool handled = QApplication::notify(receiver, event);
    hold.milliseconds = static_cast<double>(clock.nsecsElapsed()) * 1e-6;
    is_within_ = false;
    const auto shorter = std::find_if(longest_.begin(), longest_.end(),
                                      [&hold](const Hold& one) { return one.milliseconds < hold.milliseconds; });
    if (shorter != longest_.end() || longest_.size() < kKept) longest_.insert(shorter, hold);
    if (longest_.size() > kKept) longest_.pop_back();
    return handled;
  }

  void forget() { longest_.clear(); }
  void print() const {
    for (const Hold& hold : longest_) {
      const char* type = QMetaEnum::fromType<QEvent::Type>().valueToKey(hold.type);
      std::printf("  %6.1f ms  %s, %s\n", hold.milliseconds, hold.receiver,
                  type != nullptr ? type : "a type of its own");
    }
  }

 private:
  static constexpr std::size_t kKept = 5;
  struct Hold {
    double milliseconds = 0.0;
    const char* receiver = "";
    int type = 0;
  };
  bool is_within_ = false;
  std::vector<Hold> longest_;  // the longest first
};

}  // namespace vernier::test
