// The engine's doors, as values, so that a window can stand before a scripted engine.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "ui/models/wanted_model.h"
#include "vernier/demo.h"
#include "vernier/devices.h"
#include "vernier/run.h"

namespace vernier::ui {

// As run_training().
using TrainFunction =
    std::function<RunResult(const RunConfig&, const RunOptions&, EventSink&, RunControl&, std::stop_token)>;
// Greedy answers of a model to prompts, in their order. Throws Error.
using AnswerFunction = std::function<std::vector<std::string>(
    const WantedModel& wanted, const std::vector<std::string>& prompts, std::stop_token stop)>;

struct EngineAccess {
  TrainFunction train;
  AnswerFunction answer;
  std::function<Demo()> load_demo;
  std::function<std::vector<DeviceInfo>()> list_devices;
};

}  // namespace vernier::ui
