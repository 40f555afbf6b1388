// The experiments behind the lessons: short runs and passes of the bundled model, some with a planted defect.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace vernier::ui {

// One line of a plot. `key` names it in the lesson's text.
struct LessonCurve {
  std::string key;
  std::vector<std::pair<double, double>> points;  // step, loss in nats
};

struct LessonRow {
  std::string key;
  std::vector<std::string> cells;  // as many as the table has columns
};

// What an experiment measured. Keys are told in words by the lesson's text, so that they can be translated.
struct LessonResult {
  std::vector<LessonCurve> curves;   // may be empty
  std::vector<std::string> columns;  // of the table, without that of the rows' names
  std::vector<LessonRow> rows;
  std::map<std::string, std::string> values;  // for {name} in the text
};

// In the order in which they are best taken.
const std::vector<std::string>& lesson_ids();

// Does a lesson's experiment on the CPU, in a folder of its own that is removed. Blocks; progress: 0 to 1, on the
// calling thread. Throws Error; kCancelled by `stop`, kNotFound for an id that is not one of lesson_ids().
LessonResult run_lesson(const std::string& id, const std::function<void(double)>& progress, std::stop_token stop);

}  // namespace vernier::ui
