// The lessons' experiments, each with its planted defect beside the right thing. Parameters as run_lesson()'s.
#pragma once

#include <stop_token>

#include "ui/session/lesson_experiments.h"
#include "ui/session/lesson_laboratory.h"

namespace vernier::ui {

// Of what a run makes of its rows: in lesson_rows.cpp.
LessonResult lesson_label_mask(const LessonProgress& progress, std::stop_token stop);
LessonResult lesson_normalization(const LessonProgress& progress, std::stop_token stop);
LessonResult lesson_packing(const LessonProgress& progress, std::stop_token stop);

// Of what it computes and learns: in lesson_passes.cpp.
LessonResult lesson_logits(const LessonProgress& progress, std::stop_token stop);
LessonResult lesson_evaluation(const LessonProgress& progress, std::stop_token stop);
LessonResult lesson_learning_rate(const LessonProgress& progress, std::stop_token stop);
LessonResult lesson_rank(const LessonProgress& progress, std::stop_token stop);

}  // namespace vernier::ui
