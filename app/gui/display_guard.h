// One sentence where no display answers, in place of Qt's page of text and the signal that it ends the process by.
#pragma once

namespace vernier {

// Lives while the QApplication is made. What Qt says meanwhile is kept back, and said afterwards.
class DisplayGuard {
 public:
  DisplayGuard();
  ~DisplayGuard();
  DisplayGuard(const DisplayGuard&) = delete;
  DisplayGuard& operator=(const DisplayGuard&) = delete;
};

}  // namespace vernier
