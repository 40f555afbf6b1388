// What a run is taken away as: the plan of an export against what is written, and the film.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/train_support.h"
#include "vernier/demo.h"
#include "vernier/export.h"
#include "vernier/film.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// One short run of the demo for all tests.
class RunOutputs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new test::TemporaryFolder;
    RunConfig config = load_demo().config;
    config.max_steps = 6;
    config.per_device_train_batch_size = 4;
    config.eval_steps = 3;
    config.parity_check_every = 3;
    config.return_logits.every = 2;
    config.return_logits.rows = {1};
    test::Recorder events;
    ASSERT_EQ(test::train(config, *scratch_ / "run", events).status, RunStatus::kFinished);
  }
  static void TearDownTestSuite() { delete scratch_; }

  static ExportOptions options(ExportFormat format, const std::string& dtype, const std::string& out) {
    ExportOptions options;
    options.model_dir = load_demo().model_dir;
    options.adapter_dir = (*scratch_ / "run").string();
    options.format = format;
    options.dtype = dtype;
    options.out = (*scratch_ / out).string();
    options.device = "cpu";
    return options;
  }

  static test::TemporaryFolder* scratch_;
};
test::TemporaryFolder* RunOutputs::scratch_ = nullptr;

TEST_F(RunOutputs, ThePlanSaysWhatIsWritten) {
  int number = 0;
  for (const auto& [format, dtype] :
       {std::pair(ExportFormat::kAdapter, ""), std::pair(ExportFormat::kAdapter, "bfloat16"),
        std::pair(ExportFormat::kMerged, ""), std::pair(ExportFormat::kMerged, "float32"),
        std::pair(ExportFormat::kGguf, "q8_0"), std::pair(ExportFormat::kGguf, "float16")}) {
    const std::string out = "out" + std::to_string(++number) + (format == ExportFormat::kGguf ? ".gguf" : "");
    const ExportOptions asked = options(format, dtype, out);
    const ExportPlan plan = plan_export(asked);
    EXPECT_FALSE(fs::exists(asked.out));  // planning writes nothing
    EXPECT_GT(plan.free_bytes, plan.bytes);
    const ExportResult made = export_model(asked);
    EXPECT_EQ(plan.num_tensors, made.num_tensors) << out;
    EXPECT_EQ(plan.dtype, made.dtype) << out;
    EXPECT_EQ(plan.warnings, made.warnings) << out;
    // Headers, configuration and tokenizer are beside the tensors.
    EXPECT_LE(plan.bytes, made.bytes) << out;
    EXPECT_LE(made.bytes, plan.bytes + (std::uint64_t{1} << 20)) << out;
    test::expect_error([&] { plan_export(asked); }, ErrorCode::kInvalidInput, {out.c_str()});
  }
}

TEST_F(RunOutputs, ThePlanRefusesWhatTheExportWould) {
  ExportOptions asked = options(ExportFormat::kMerged, "float8", "nowhere");
  test::expect_error([&] { plan_export(asked); }, ErrorCode::kInvalidInput, {"float8", "bfloat16"});
  asked.dtype.clear();
  asked.adapter_dir = (*scratch_ / "no-run").string();
  test::expect_error([&] { plan_export(asked); }, ErrorCode::kNotFound, {"no-run"});
  asked = options(ExportFormat::kGguf, "q8_0", "");
  test::expect_error([&] { plan_export(asked); }, ErrorCode::kInvalidInput, {"folder"});
}

json data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"run\">";
  const std::size_t at = page.find(begin) + begin.size();
  return json::parse(page.substr(at, page.find("</script>", at) - at));
}

TEST_F(RunOutputs, AFilmHoldsTheRun) {
  FilmOptions film;
  film.run_dir = (*scratch_ / "run").string();
  film.out = (*scratch_ / "run.html").string();
  double last = 0.0;
  const FilmResult made = write_run_film(film, [&](double fraction) {
    EXPECT_GE(fraction, last - 1e-9);
    last = fraction;
  });
  EXPECT_EQ(last, 1.0);
  const std::string page = test::get_file(film.out);
  EXPECT_EQ(made.bytes, page.size());
  // Nothing is fetched from anywhere.
  for (const char* outside : {"http://", "https://", "src=", "@import", "url("}) {
    // SVG's namespace is a name, not an address that is asked.
    std::string text = page;
    for (std::size_t at; (at = text.find("http://www.w3.org/2000/svg")) != std::string::npos;) text.erase(at, 26);
    EXPECT_EQ(text.find(outside), std::string::npos) << outside;
  }
  const json data = data_of(page);
  const RunReader reader(film.run_dir);
  const std::vector<SeriesPoint> series = reader.series();
  ASSERT_EQ(data["series"]["step"].size(), series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    EXPECT_EQ(data["series"]["step"][i], series[i].step);
    EXPECT_EQ(data["series"]["per_token"][i].get<double>(), series[i].loss_per_token);
    EXPECT_EQ(data["series"]["per_sequence"][i].get<double>(), series[i].loss_per_sequence);
  }
  EXPECT_EQ(data["config"], reader.config());
  EXPECT_EQ(data["evals"].size(), reader.evals().size());
  EXPECT_EQ(data["parity"].size(), 2u);
  EXPECT_EQ(made.steps, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(data["captures"].size(), 3u);
  EXPECT_EQ(data["lost_captures"], 0);

  // A step's worst sequence first, with the tokens that the store holds.
  const json& shown = data["steps"][3]["sequences"][0];
  const SequenceRecord worst = reader.worst(1, 4).front();
  EXPECT_EQ(shown["row"], worst.loss.row);
  const StepTokens tokens = reader.tokens(4, worst.loss.index);
  ASSERT_EQ(shown["tokens"].size(), tokens.tokens.size());
  bool saw_masked = false, saw_target = false;
  for (std::size_t i = 0; i < tokens.tokens.size(); ++i) {
    const TokenRecord& token = tokens.tokens[i];
    const json& told = shown["tokens"][i];
    EXPECT_EQ(told[0], token.input_id);
    EXPECT_EQ(data["pieces"][std::to_string(token.input_id)], reader.piece(token.input_id));
    EXPECT_EQ(told[1], token.is_target ? 1 : 0);
    saw_masked = saw_masked || !token.is_target;
    if (!token.is_target) continue;
    saw_target = true;
    EXPECT_FALSE(!(std::abs(told[2].get<float>() - token.loss) <= 6e-4f));
    EXPECT_EQ(told[4], token.argmax);
    EXPECT_EQ(told[5], token.rank);
  }
  EXPECT_TRUE(saw_masked && saw_target);
  EXPECT_EQ(data["worst"][0]["row"], reader.worst(1).front().loss.row);
}

TEST_F(RunOutputs, AFilmGoesWithoutCapturesThatAreLost) {
  const fs::path run = *scratch_ / "torn";
  fs::copy(*scratch_ / "run", run, fs::copy_options::recursive);
  const std::vector<CaptureRecord> captures = RunReader(run.string()).captures();
  ASSERT_EQ(captures.size(), 3u);
  fs::remove(run / captures[0].file);
  fs::resize_file(run / captures[2].file, fs::file_size(run / captures[2].file) / 2);
  FilmOptions film;
  film.run_dir = run.string();
  film.out = (*scratch_ / "torn.html").string();
  double last = 0.0;
  const FilmResult made = write_run_film(film, [&](double fraction) {
    EXPECT_GE(fraction, last - 1e-9);
    last = fraction;
  });
  EXPECT_EQ(made.captures, 1);
  EXPECT_EQ(made.lost_captures, 2);
  const json data = data_of(test::get_file(film.out));
  ASSERT_EQ(data["captures"].size(), 1u);
  EXPECT_EQ(data["captures"][0]["step"], captures[1].step);
  EXPECT_FALSE(data["captures"][0]["positions"].empty());
  EXPECT_EQ(data["lost_captures"], 2);
  EXPECT_EQ(data["steps"].size(), 6u);  // the rest is whole
}

TEST_F(RunOutputs, AFilmOfChosenStepsIsWholeOrNotThere) {
  FilmOptions film;
  film.run_dir = (*scratch_ / "run").string();
  film.out = (*scratch_ / "chosen.html").string();
  film.steps = {5, 2};
  EXPECT_EQ(write_run_film(film).steps, film.steps);
  const std::string before = test::get_file(film.out);
  film.steps = {7};
  test::expect_error([&] { write_run_film(film); }, ErrorCode::kNotFound, {"got 7", "1 to 6"});
  std::stop_source source;
  source.request_stop();
  film.steps.clear();
  test::expect_error([&] { write_run_film(film, {}, source.get_token()); }, ErrorCode::kCancelled, {"film"});
  EXPECT_EQ(test::get_file(film.out), before);
  film.run_dir = (*scratch_ / "no-run").string();
  test::expect_error([&] { write_run_film(film); }, ErrorCode::kNotFound, {"no-run"});
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(scratch_->path())) names.insert(entry.path().filename().string());
  for (const std::string& name : names) EXPECT_EQ(name.find("tmp-"), std::string::npos) << name;
}

}  // namespace
}  // namespace vernier
