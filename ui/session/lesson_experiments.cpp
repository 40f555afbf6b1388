#include "ui/session/lesson_experiments.h"

#include <algorithm>

#include "ui/session/lesson_catalogue.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

using Experiment = LessonResult (*)(const LessonProgress&, std::stop_token);

const std::vector<std::pair<std::string, Experiment>>& experiments() {
  static const std::vector<std::pair<std::string, Experiment>> all = {{"label-mask", lesson_label_mask},
                                                                      {"normalization", lesson_normalization},
                                                                      {"packing", lesson_packing},
                                                                      {"logits", lesson_logits},
                                                                      {"evaluation", lesson_evaluation},
                                                                      {"learning-rate", lesson_learning_rate},
                                                                      {"rank", lesson_rank}};
  return all;
}

}  // namespace

const std::vector<std::string>& lesson_ids() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> out;
    for (const auto& [id, experiment] : experiments()) out.push_back(id);
    return out;
  }();
  return ids;
}

LessonResult run_lesson(const std::string& id, const std::function<void(double)>& progress, std::stop_token stop) {
  const auto found =
      std::find_if(experiments().begin(), experiments().end(), [&id](const auto& entry) { return entry.first == id; });
  if (found == experiments().end()) fail(ErrorCode::kNotFound, "lesson", id + ": got no such lesson.");
  return found->second(progress, std::move(stop));
}

}  // namespace vernier::ui
