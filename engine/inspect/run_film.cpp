#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/io/atomic_file.h"
#include "engine/io/made_parents.h"
#include "vernier/error.h"
#include "vernier/film.h"
#include "vernier/inspect.h"
#include "vernier/outputs.h"
#include "vernier/resources.h"
#include "vernier/run_store.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;

constexpr std::size_t kMostPoints = 4000;   // of a curve
constexpr std::size_t kStepsShown = 9;      // where nobody chose
constexpr std::size_t kSequencesAStep = 8;  // the worst of a step
constexpr std::size_t kCapturesShown = 12;
constexpr std::size_t kPositionsACapture = 256;
constexpr const char* kDataMark = "__VERNIER_RUN__";

// Of every stretch the points with the least and the greatest loss, and the run's first and last.
std::vector<std::size_t> points_to_keep(const std::vector<SeriesPoint>& series) {
  std::vector<std::size_t> out;
  const std::size_t width = (2 * series.size() + kMostPoints - 1) / kMostPoints;
  if (width <= 2) {
    for (std::size_t i = 0; i < series.size(); ++i) out.push_back(i);
    return out;
  }
  std::set<std::size_t> kept = {0, series.size() - 1};
  for (std::size_t begin = 0; begin < series.size(); begin += width) {
    std::size_t low = begin, high = begin;
    for (std::size_t i = begin; i < std::min(begin + width, series.size()); ++i) {
      // What is no number is kept: it is why one looks.
      if (!std::isfinite(series[i].loss_per_token)) kept.insert(i);
      if (series[i].loss_per_token < series[low].loss_per_token) low = i;
      if (series[i].loss_per_token > series[high].loss_per_token) high = i;
    }
    kept.insert({low, high});
  }
  out.assign(kept.begin(), kept.end());
  return out;
}

class Film {
 public:
  Film(const FilmOptions& options, const std::function<void(double)>& progress, std::stop_token stop)
      : options_(options), progress_(progress), stop_(std::move(stop)), reader_(options.run_dir) {}

  FilmResult write() {
    const std::string page = read_text_file(fs::path(resource_dir()) / "film" / "film.html");
    const std::size_t mark = page.find(kDataMark);
    if (mark == std::string::npos) fail(ErrorCode::kInternal, "film.html", "the mark for the run's data is missing.");
    json data = overview();
    advance(0.2);
    data["steps"] = steps();
    advance(0.6);
    data["worst"] = worst();
    advance(0.7);
    data["captures"] = captures();
    data["lost_captures"] = result_.lost_captures;
    data["pieces"] = pieces_;
    advance(0.95);
    // In a script element nothing may look like its end.
    std::string text = data.dump(-1, ' ', true, json::error_handler_t::replace);
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; at += 6) text.replace(at, 1, "\\u003c");
    result_.path = options_.out;
    const MadeParents parents(options_.out);
    const std::string film = page.substr(0, mark) + text + page.substr(mark + std::string(kDataMark).size());
    write_text_file(options_.out, film);
    result_.bytes = film.size();
    advance(1.0);
    return result_;
  }

 private:
  void advance(double fraction) const {
    if (stop_.stop_requested()) fail(ErrorCode::kCancelled, "film", "stopped before it was written.");
    if (progress_) progress_(fraction);
  }

  json overview() const {
    const RunInfo info = reader_.info();
    json out;
    out["info"] = {{"name", fs::path(info.run_dir).lexically_normal().filename().string()},
                   {"model", info.model_path},
                   {"device", info.device},
                   {"state", info.state},
                   {"message", info.message},
                   {"last_step", info.last_step},
                   {"total_steps", info.total_steps},
                   {"started_unix_ms", info.started_unix_ms},
                   {"vocab_size", info.vocab_size}};
    out["config"] = reader_.config();
    json& curves = out["series"];
    for (const char* name : {"step", "per_token", "per_sequence", "learning_rate", "grad_norm"}) {
      curves[name] = json::array();
    }
    const std::vector<SeriesPoint> series = reader_.series();
    for (const std::size_t i : points_to_keep(series)) {
      const SeriesPoint& point = series[i];
      curves["step"].push_back(point.step);
      curves["per_token"].push_back(point.loss_per_token);
      curves["per_sequence"].push_back(point.loss_per_sequence);
      curves["learning_rate"].push_back(point.learning_rate);
      curves["grad_norm"].push_back(point.grad_norm);
    }
    out["evals"] = json::array();
    for (const EvalEvent& eval : reader_.evals()) out["evals"].push_back(eval.to_json());
    out["parity"] = json::array();
    for (const ParityReport& report : reader_.parity_reports()) out["parity"].push_back(report.to_json());
    out["messages"] = json::array();
    for (const MessageEvent& message : reader_.messages()) {
      out["messages"].push_back({{"step", message.step}, {"level", to_string(message.level)}, {"text", message.text}});
    }
    return out;
  }

  // Its text goes into the film once.
  std::int32_t known(std::int32_t id) {
    if (id >= 0) {
      const std::string key = std::to_string(id);
      if (!pieces_.contains(key)) pieces_[key] = reader_.piece(id);
    }
    return id;
  }

  // [id, is_target, loss, entropy, argmax, rank] a token.
  json tokens_of(const StepTokens& sequence) {
    json tokens = json::array();
    for (const TokenRecord& token : sequence.tokens) {
      if (token.is_target) {
        tokens.push_back({known(token.input_id), 1, std::round(token.loss * 1e3f) / 1e3f,
                          std::round(token.entropy * 1e3f) / 1e3f, known(token.argmax), token.rank});
      } else {
        tokens.push_back({known(token.input_id), 0});
      }
    }
    return {{"step", sequence.step},
            {"index", sequence.sequence.index},
            {"row", sequence.sequence.row},
            {"loss", sequence.sequence.loss},
            {"num_targets", sequence.sequence.num_targets},
            {"tokens", std::move(tokens)}};
  }

  std::vector<std::int64_t> chosen_steps() const {
    const RunInfo info = reader_.info();
    for (const std::int64_t step : options_.steps) {
      if (!reader_.steps(step, step).empty()) continue;
      fail(ErrorCode::kNotFound, "film",
           "step: got " + std::to_string(step) + ", expected one of the run's steps, " +
               std::to_string(info.first_step) + " to " + std::to_string(info.last_step) + ".");
    }
    if (!options_.steps.empty()) return options_.steps;
    // Evenly over the run.
    const std::vector<SeriesPoint> series = reader_.series();
    if (series.empty()) return {};
    std::set<std::int64_t> out;
    for (std::size_t i = 0; i < kStepsShown; ++i) {
      out.insert(series[i * (series.size() - 1) / (kStepsShown - 1)].step);
    }
    return {out.begin(), out.end()};
  }

  json steps() {
    json out = json::array();
    const std::vector<std::int64_t> chosen = chosen_steps();
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      json sequences = json::array();
      for (const SequenceRecord& record : reader_.worst(kSequencesAStep, chosen[i])) {
        const StepTokens tokens = reader_.tokens(chosen[i], record.loss.index);
        if (!tokens.tokens.empty()) sequences.push_back(tokens_of(tokens));
      }
      if (!sequences.empty()) {
        out.push_back({{"step", chosen[i]}, {"sequences", std::move(sequences)}});
        result_.steps.push_back(chosen[i]);
      }
      advance(0.2 + 0.4 * static_cast<double>(i + 1) / static_cast<double>(chosen.size()));
    }
    return out;
  }

  json worst() {
    json out = json::array();
    for (const SequenceRecord& record : reader_.worst(options_.worst)) {
      const StepTokens tokens = reader_.tokens(record.step, record.loss.index);
      if (!tokens.tokens.empty()) out.push_back(tokens_of(tokens));
    }
    return out;
  }

  // Nothing where its file is missing or damaged: the rest of the run is worth its film.
  std::optional<Capture> read(const CaptureRecord& record) {
    try {
      return reader_.load_capture(record);
    } catch (const Error&) {
      ++result_.lost_captures;
      return std::nullopt;
    }
  }

  json captures() {
    const std::vector<CaptureRecord> all = reader_.captures();
    const std::size_t count = std::min(kCapturesShown, all.size());
    json out = json::array();
    for (std::size_t i = 0; i < count; ++i) {
      const CaptureRecord& record = all[count == 1 ? all.size() - 1 : i * (all.size() - 1) / (count - 1)];
      advance(0.7 + 0.25 * static_cast<double>(i) / static_cast<double>(count));
      const std::optional<Capture> capture = read(record);
      if (!capture) continue;
      json positions = json::array();
      for (const PositionView& view : top_tokens(*capture, options_.top)) {
        if (positions.size() == kPositionsACapture) break;
        json top = json::array();
        for (const TopToken& token : view.top) {
          top.push_back({known(token.id), std::round(token.probability * 1e4f) / 1e4f});
        }
        positions.push_back({{"position", view.position},
                             {"id", known(view.input_id)},
                             {"target", known(view.target)},
                             {"p", std::round(view.target_probability * 1e4f) / 1e4f},
                             {"rank", view.target_rank},
                             {"entropy", std::round(view.entropy * 1e3f) / 1e3f},
                             {"top", std::move(top)}});
      }
      out.push_back({{"step", record.step}, {"row", record.row}, {"positions", std::move(positions)}});
    }
    result_.captures = static_cast<std::int64_t>(out.size());
    return out;
  }

  const FilmOptions& options_;
  const std::function<void(double)>& progress_;
  std::stop_token stop_;
  RunReader reader_;
  json pieces_ = json::object();  // by id
  FilmResult result_;
};

}  // namespace

FilmResult write_run_film(const FilmOptions& options, const std::function<void(double)>& progress,
                          std::stop_token stop) {
  check_out(options.out, {});
  return Film(options, progress, std::move(stop)).write();
}

}  // namespace vernier
