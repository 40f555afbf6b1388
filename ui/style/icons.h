// Line icons drawn in the colour of the text beside them, so that they follow every theme and scale.
#pragma once

#include <QIcon>

namespace vernier::ui {

enum class Icon {
  kStart,
  kSetUp,
  kRun,
  kInspect,
  kCompare,
  kLessons,
  kPlay,
  kPause,
  kStep,
  kStop,
  kResume,
  kFolder,
  kSave,
  kUndo,
  kRedo,
  kCopy,
  kCheck,
  kClose,
  kInfo,
  kWarning,
  kError,
  kMore,
  kLess,
  kDemo
};

QIcon make_icon(Icon icon);
// The program's own, in its own colours.
QIcon window_icon();

}  // namespace vernier::ui
