// The run store: what is written is read back, and one run stays one consistent history.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/capture_file.h"
#include "engine/io/run_lock.h"
#include "engine/io/sqlite.h"
#include "engine/io/token_codec.h"
#include "tests/unit/io_store_fixture.h"

namespace vernier {
namespace {

using namespace vernier::test;
namespace fs = std::filesystem;

// The value of a pattern, from its definition: 5 bits of exponent with bias 15, 11 of mantissa, no sign.
double e5m11_by_definition(std::uint32_t bits) {
  const int exponent = static_cast<int>(bits >> 11);
  const double mantissa = bits & 0x7ff;
  if (exponent == 31) return mantissa == 0 ? std::numeric_limits<double>::infinity() : std::nan("");
  if (exponent == 0) return std::ldexp(mantissa, -25);
  return std::ldexp(2048.0 + mantissa, exponent - 26);
}

TEST(TokenCodec, SmallFloatsAreExactAndRoundToNearestEven) {
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const double want = e5m11_by_definition(bits);
    const float got = from_e5m11(static_cast<std::uint16_t>(bits));
    ASSERT_TRUE(same_real(static_cast<double>(got), want)) << bits;
    if (std::isnan(want)) {
      EXPECT_EQ(to_e5m11(got), 0xffffu);
      continue;
    }
    ASSERT_EQ(to_e5m11(got), bits);
    if (bits + 1 >= 0xf800u) continue;
    const auto middle = static_cast<float>((want + e5m11_by_definition(bits + 1)) / 2);  // exact in float32
    ASSERT_EQ(to_e5m11(middle), bits % 2 == 0 ? bits : bits + 1) << bits;
    ASSERT_EQ(to_e5m11(std::nextafter(middle, 0.0f)), bits);
    ASSERT_EQ(to_e5m11(std::nextafter(middle, 1e9f)), bits + 1);
  }
  EXPECT_EQ(to_e5m11(-1.0f), 0u);
  EXPECT_EQ(to_e5m11(-0.0f), 0u);
  EXPECT_EQ(to_e5m11(1e9f), 0xf800u);
  EXPECT_TRUE(std::isnan(from_e5m11(to_e5m11(std::nanf("")))));
  EXPECT_TRUE(std::isnan(from_e5m11(to_e5m11(-std::nanf("")))));
}

TEST(TokenCodec, RowsAndTokensGoThroughBytesAndBack) {
  std::mt19937_64 random(fresh_seed());
  for (int round = 0; round < 300; ++round) {
    const MadeStep made = make_step(random(), 1);
    for (const SequenceTokens& sequence : made.tokens) {
      for (const bool with_row : {false, true}) {
        std::vector<std::uint8_t> row_bytes, bytes;
        encode_row(sequence.input_ids, sequence.is_target, row_bytes);
        encode_tokens(sequence, with_row, bytes);
        EXPECT_EQ(has_row(bytes), with_row);
        const RowTokens row = decode_row(row_bytes);
        ASSERT_TRUE(std::ranges::equal(row.input_ids, sequence.input_ids));
        ASSERT_TRUE(std::ranges::equal(row.is_target, sequence.is_target));
        const std::vector<TokenRecord> tokens = decode_tokens(bytes, with_row ? RowTokens{} : row);
        ASSERT_EQ(tokens.size(), sequence.input_ids.size());
        std::size_t m = 0;
        for (const TokenRecord& token : tokens) {
          if (!token.is_target) continue;
          ASSERT_EQ(token.argmax, sequence.argmax[m]);
          ASSERT_EQ(token.rank, sequence.rank[m]);
          ASSERT_EQ(token.loss, from_e5m11(to_e5m11(sequence.loss[m])));
          ASSERT_EQ(token.entropy, from_e5m11(to_e5m11(sequence.entropy[m])));
          ++m;
        }
        ASSERT_EQ(m, sequence.loss.size());
      }
    }
  }
}

TEST(TokenCodec, ExtremeIdsAndUnknownArgmaxima) {
  constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
  const std::vector<std::int32_t> ids = {0, kMax, 5, 0};
  const std::vector<std::uint8_t> mask = {0, 1, 1, 1};
  const std::vector<float> values = {0.0f, 1e9f, std::nanf("")};
  const std::vector<std::int32_t> argmax = {kMax - 1, -1, kMax};
  const std::vector<std::int32_t> rank = {0, kMax, 7};
  std::vector<std::uint8_t> bytes;
  encode_tokens({0, 0, ids, mask, values, values, argmax, rank}, true, bytes);
  const std::vector<TokenRecord> tokens = decode_tokens(bytes, {});
  ASSERT_EQ(tokens.size(), 4u);
  for (std::size_t m = 0; m < 3; ++m) {
    EXPECT_EQ(tokens[m + 1].argmax, argmax[m]);
    EXPECT_EQ(tokens[m + 1].rank, rank[m]);
  }
  EXPECT_EQ(tokens[1].input_id, kMax);
  EXPECT_TRUE(std::isinf(tokens[2].loss));
  EXPECT_TRUE(std::isnan(tokens[3].entropy));
}

TEST(TokenCodec, DamagedBytesAreRefusedOrReadAsOthers) {
  std::mt19937_64 random(fresh_seed());
  for (int round = 0; round < 20000; ++round) {
    const MadeStep made = make_step(random() % 50, 1, false);
    const SequenceTokens& sequence = made.tokens.front();
    std::vector<std::uint8_t> bytes, row_bytes;
    encode_tokens(sequence, random() % 2 == 0, bytes);
    encode_row(sequence.input_ids, sequence.is_target, row_bytes);
    for (std::vector<std::uint8_t>* target : {&bytes, &row_bytes}) {
      if (random() % 2 == 0) target->resize(random() % (target->size() + 1));
      for (std::uint64_t flips = random() % 4; flips > 0 && !target->empty(); --flips) {
        (*target)[random() % target->size()] = static_cast<std::uint8_t>(random());
      }
    }
    try {
      const RowTokens row = decode_row(row_bytes);
      ASSERT_EQ(row.input_ids.size(), row.is_target.size());
      decode_tokens(bytes, row);
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kInvalidInput);
    }
  }
}

// Sequences of random micro-batches and packed rows.
std::vector<SequenceLoss> placed_sequences(std::mt19937_64& random, bool packed) {
  std::vector<SequenceLoss> out;
  const auto micro_batches = static_cast<std::int32_t>(1 + random() % 4);
  for (std::int32_t batch = 0; batch < micro_batches; ++batch) {
    const auto rows = static_cast<std::int32_t>(1 + random() % 9);
    for (std::int32_t row = 0; row < rows; ++row) {
      for (std::uint64_t i = 0; i <= (packed ? random() % 300 : 0); ++i) {
        SequenceLoss& sequence = out.emplace_back();
        sequence.index = std::ssize(out) - 1;
        sequence.micro_batch = batch;
        sequence.packed_row = row;
      }
    }
  }
  return out;
}

TEST(TokenCodec, LayoutsComeBackAndAreSmall) {
  std::mt19937_64 random(fresh_seed());
  for (int round = 0; round < 300; ++round) {
    const bool packed = round % 2 == 0;
    const std::vector<SequenceLoss> sequences = placed_sequences(random, packed);
    std::vector<std::uint8_t> bytes;
    ASSERT_TRUE(encode_layout(sequences, bytes));
    const SequenceLoss& last = sequences.back();
    if (!packed) {
      EXPECT_LE(bytes.size(), 1u + static_cast<std::size_t>(last.micro_batch) + 1u);
    }
    std::vector<SequenceRecord> read(sequences.size());
    decode_layout(bytes, read);
    for (std::size_t i = 0; i < read.size(); ++i) {
      ASSERT_EQ(read[i].loss.micro_batch, sequences[i].micro_batch);
      ASSERT_EQ(read[i].loss.packed_row, sequences[i].packed_row);
    }
    // Of another step, or damaged.
    read.pop_back();
    EXPECT_EQ(code_of([&] { decode_layout(bytes, read); }), ErrorCode::kInvalidInput);
    for (int flips = 0; flips < 20; ++flips) {
      std::vector<std::uint8_t> damaged = bytes;
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
      read.resize(sequences.size());
      try {
        decode_layout(damaged, read);
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), ErrorCode::kInvalidInput);
      }
    }
  }
  // What does not say where it was.
  std::vector<std::uint8_t> bytes;
  std::vector<SequenceLoss> sequences(2);
  EXPECT_FALSE(encode_layout(sequences, bytes));
  sequences[0].micro_batch = sequences[0].packed_row = 0;
  EXPECT_FALSE(encode_layout(sequences, bytes));
  sequences[1].micro_batch = 1;
  sequences[1].packed_row = 1;
  EXPECT_FALSE(encode_layout(sequences, bytes));
  EXPECT_TRUE(bytes.empty());
}

// A store of a version that did not record the layout is read, and gone on with.
TEST(RunStore, LayoutsAreOptional) {
  std::mt19937_64 random(fresh_seed());
  const TempFolder folder;
  const std::string dir = folder / "run";
  const auto add = [&](RunStoreWriter& writer, std::int64_t step) {
    StepEvent event;
    event.step = step;
    event.sequences = placed_sequences(random, true);
    writer.add_step(event, {});
    return event;
  };
  const auto expect_layout = [&](const StepEvent& event, bool recorded) {
    const std::vector<SequenceRecord> read = RunReader(dir).sequences(event.step);
    ASSERT_EQ(read.size(), event.sequences.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      ASSERT_EQ(read[i].loss.micro_batch, recorded ? event.sequences[i].micro_batch : -1);
      ASSERT_EQ(read[i].loss.packed_row, recorded ? event.sequences[i].packed_row : -1);
    }
  };
  StepEvent first;
  {
    RunStoreWriter writer = RunStoreWriter::create(dir, "{}");
    first = add(writer, 1);
    expect_layout(first, true);
  }
  Database::open_writer(dir + "/run.db").execute("DROP TABLE layouts");
  expect_layout(first, false);
  RunStoreWriter writer = RunStoreWriter::open(dir);
  const StepEvent second = add(writer, 2);
  expect_layout(first, false);
  expect_layout(second, true);
  writer.rewind(1);
  expect_layout(add(writer, 2), true);
}

TEST(RunStore, WhatIsWrittenIsRead) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  const std::string dir = folder / "deep/run one";
  RunStoreWriter writer = RunStoreWriter::create(dir, R"({"learning_rate": 0.5, "logging_steps": 7})");
  StartedEvent started;
  started.model_path = "/models/\u2581x";
  started.device = "cpu";
  started.total_steps = 1000;
  started.vocab_size = 4096;
  started.hidden_size = 64;
  writer.set_info(started);
  writer.set_state(RunState::kRunning);
  EXPECT_EQ(RunReader(dir).info().last_step, 0);
  for (std::int64_t step = 1; step <= 60; ++step) {
    add_made_step(writer, make_step(seed, step));
    if (step % 20 == 0) {
      writer.add_eval({0, step, 1.0 / static_cast<double>(step), std::nan(""), 0.25, 77, 3.5});
      writer.add_message({0, step, MessageLevel::kWarning, "line\nbreak \"quoted\" \u2581"});
      writer.add_saved({0, step, "checkpoints/step-" + std::to_string(step)});
      ParityReport report;
      report.step = step;
      report.summary = "All agree.";
      report.paths.resize(3);
      writer.add_parity(report);
    }
  }
  const RunReader reader(dir);
  expect_run(reader, seed, 60);

  const RunInfo info = reader.info();
  EXPECT_EQ(info.run_dir, dir);
  EXPECT_EQ(info.model_path, started.model_path);
  EXPECT_EQ(info.device, "cpu");
  EXPECT_EQ(info.state, "running");
  EXPECT_EQ(info.first_step, 1);
  EXPECT_EQ(info.last_step, 60);
  EXPECT_EQ(info.total_steps, 1000);
  EXPECT_EQ(info.last_saved_step, 60);
  EXPECT_EQ(info.vocab_size, 4096);
  EXPECT_EQ(info.hidden_size, 64);
  EXPECT_GT(info.started_unix_ms, 1'700'000'000'000);
  EXPECT_EQ(reader.config().at("learning_rate"), 0.5);

  // As `train --json` printed them.
  for (const StepEvent& event : reader.steps()) {
    EXPECT_EQ(event.to_json().dump(), make_step(seed, event.step).event.to_json().dump());
  }
  const std::vector<EvalEvent> evals = reader.evals();
  ASSERT_EQ(evals.size(), 3u);
  EXPECT_EQ(evals[2].to_json().dump(), (EvalEvent{0, 60, 1.0 / 60, std::nan(""), 0.25, 77, 3.5}).to_json().dump());
  ASSERT_EQ(reader.messages().size(), 3u);
  EXPECT_EQ(reader.messages()[1].text, "line\nbreak \"quoted\" \u2581");
  EXPECT_EQ(reader.messages()[1].level, MessageLevel::kWarning);
  EXPECT_EQ(reader.messages()[1].step, 40);
  ASSERT_EQ(reader.parity_reports().size(), 3u);
  EXPECT_EQ(reader.parity_reports()[2].step, 60);
  EXPECT_EQ(reader.piece(199'999'999), "");

  // Ranges.
  const auto numbers = [&](std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> out;
    for (const StepEvent& event : reader.steps(first, last)) out.push_back(event.step);
    std::vector<std::int64_t> points;
    for (const SeriesPoint& point : reader.series(first, last)) points.push_back(point.step);
    EXPECT_EQ(out, points);
    return out;
  };
  EXPECT_EQ(numbers(7, 9), (std::vector<std::int64_t>{7, 8, 9}));
  EXPECT_EQ(numbers(59, -1), (std::vector<std::int64_t>{59, 60}));
  EXPECT_EQ(numbers(-5, 1), (std::vector<std::int64_t>{1}));
  EXPECT_TRUE(numbers(61, 1000).empty());
  EXPECT_TRUE(numbers(9, 7).empty());
  EXPECT_EQ(numbers(60, std::numeric_limits<std::int64_t>::max()).size(), 1u);
  EXPECT_TRUE(numbers(std::numeric_limits<std::int64_t>::max(), -1).empty());
  EXPECT_TRUE(reader.tokens(61).empty());
  EXPECT_TRUE(reader.sequences(std::numeric_limits<std::int64_t>::max()).empty());
  EXPECT_EQ(code_of([&] { reader.tokens(61, 0); }), ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { reader.tokens(1, std::int64_t{1} << 40); }), ErrorCode::kNotFound);
  for (const SeriesPoint& point : reader.series()) {
    const StepEvent event = make_step(seed, point.step).event;
    EXPECT_EQ(point.loss_per_token, event.loss_per_token);
    EXPECT_EQ(point.loss_per_sequence, event.loss_per_sequence);
    EXPECT_EQ(point.learning_rate, event.learning_rate);
    EXPECT_TRUE(same_real(point.grad_norm, event.grad_norm));
  }
  for (const StepTokens& sequence : reader.tokens(33)) {
    const StepTokens one = reader.tokens(33, sequence.sequence.index);
    EXPECT_TRUE(same_sequence(one.sequence, sequence.sequence));
    EXPECT_EQ(one.tokens.size(), sequence.tokens.size());
  }

  writer.set_state(RunState::kStopped, "Saved at step 60.");
  EXPECT_EQ(reader.info().state, "stopped");
  EXPECT_EQ(reader.info().message, "Saved at step 60.");

  const std::string log = read_text_file(dir + "/log.txt");
  EXPECT_NE(log.find("step 7/1000 loss_per_token"), std::string::npos) << log;
  EXPECT_EQ(log.find(" step 8/1000"), std::string::npos);
  EXPECT_NE(log.find("warning at step 20: line break"), std::string::npos);
  EXPECT_NE(log.find("stopped: Saved at step 60."), std::string::npos);
}

TEST(RunStore, WorstAndHistoryMatchASearchThroughEverything) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  RunStoreWriter writer = RunStoreWriter::create(folder / "run", "{}");
  std::vector<SequenceRecord> all;
  for (std::int64_t step = 1; step <= 80; ++step) {
    const MadeStep made = make_step(seed, step);
    add_made_step(writer, made);
    for (const SequenceLoss& loss : made.event.sequences) all.push_back({step, loss});
  }
  const RunReader reader(folder / "run");
  const auto expected = [&](std::int64_t n, std::int64_t first, std::int64_t last) {
    std::vector<SequenceRecord> out;
    for (const SequenceRecord& record : all) {
      if (record.step >= first && record.step <= last && record.loss.num_targets > 0) out.push_back(record);
    }
    std::stable_sort(out.begin(), out.end(), [](const SequenceRecord& a, const SequenceRecord& b) {
      if (std::isnan(a.loss.loss) || std::isnan(b.loss.loss)) return std::isnan(a.loss.loss) > std::isnan(b.loss.loss);
      return a.loss.loss > b.loss.loss;
    });
    out.resize(std::min(out.size(), static_cast<std::size_t>(n)));
    return out;
  };
  const auto same = [](const std::vector<SequenceRecord>& a, const std::vector<SequenceRecord>& b) {
    return std::ranges::equal(a, b, [](const SequenceRecord& x, const SequenceRecord& y) {
      return x.step == y.step && same_sequence(x.loss, y.loss);
    });
  };
  for (const std::int64_t n : {1, 2, 5, 30, 100000}) {
    EXPECT_TRUE(same(reader.worst(n), expected(n, 1, 80))) << n;
    EXPECT_TRUE(same(reader.worst(n, 17), expected(n, 17, 17))) << n;
    EXPECT_TRUE(same(reader.worst_between(n, 5, 40), expected(n, 5, 40))) << n;
  }
  EXPECT_TRUE(reader.worst(0).empty());
  EXPECT_TRUE(reader.worst(3, 5000).empty());
  for (std::int64_t row = 0; row < kMadeRows; ++row) {
    std::vector<SequenceRecord> want;
    std::ranges::copy_if(all, std::back_inserter(want), [&](const SequenceRecord& r) { return r.loss.row == row; });
    EXPECT_TRUE(same(reader.history_of_row(row), want)) << row;
  }
  EXPECT_TRUE(reader.history_of_row(-1).empty());
}

Capture make_capture(std::uint64_t seed, std::int64_t step) {
  std::mt19937_64 random(seed + static_cast<std::uint64_t>(step));
  Capture capture;
  capture.step = step;
  capture.vocab_size = 37;
  for (int t = 0; t < 9; ++t) capture.input_ids.push_back(static_cast<std::int32_t>(random() % 37));
  for (const std::int32_t position : {2, 3, 8}) {
    capture.positions.push_back(position);
    capture.targets.push_back(position == 8 ? -100 : capture.input_ids[static_cast<std::size_t>(position) + 1]);
    for (int v = 0; v < 37; ++v) capture.logits.push_back(static_cast<float>(random() % 1000) * 0.01f);
  }
  return capture;
}

TEST(RunStore, CapturesAreKeptAsFiles) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  RunStoreWriter writer = RunStoreWriter::create(folder / "run", "{}");
  writer.add_capture(make_capture(seed, 10), 4, 40);
  const CaptureRecord second = writer.add_capture(make_capture(seed, 11), 7, 41);
  writer.add_capture(make_capture(seed, 20), 0, 42);
  const RunReader reader(folder / "run");
  const std::vector<CaptureRecord> records = reader.captures();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].file, "captures/step-10.safetensors");
  EXPECT_EQ(records[0].index, 4);
  EXPECT_EQ(records[0].row, 40);
  EXPECT_EQ(records[0].num_positions, 3);
  EXPECT_EQ(records[1].file, second.file);
  for (const CaptureRecord& record : records) {
    EXPECT_EQ(record.bytes, fs::file_size(folder.path() / "run" / record.file));
    const Capture want = make_capture(seed, record.step);
    const Capture got = reader.load_capture(record);
    EXPECT_EQ(got.step, want.step);
    EXPECT_EQ(got.vocab_size, want.vocab_size);
    EXPECT_EQ(got.input_ids, want.input_ids);
    EXPECT_EQ(got.positions, want.positions);
    EXPECT_EQ(got.targets, want.targets);
    EXPECT_EQ(got.logits, want.logits);
  }
  // A second sequence of the same step.
  EXPECT_EQ(writer.add_capture(make_capture(seed, 20), 3, 43).file, "captures/step-20-sequence-3.safetensors");
  EXPECT_EQ(reader.captures().size(), 4u);

  // Records of a damaged store do not lead out of the folder, nor to nonsense.
  CaptureRecord record = records[0];
  for (const char* file : {"/etc/passwd", "../x.safetensors", "captures/../../x.safetensors", "", "captures/none"}) {
    record.file = file;
    const ErrorCode code = code_of([&] { reader.load_capture(record); });
    EXPECT_TRUE(code == ErrorCode::kInvalidInput || code == ErrorCode::kNotFound) << file;
  }
  Capture bad = make_capture(seed, 30);
  bad.positions[1] = 9;
  EXPECT_EQ(code_of([&] { reader.load_capture(writer.add_capture(bad, 0, 0)); }), ErrorCode::kInvalidInput);
  bad = make_capture(seed, 31);
  bad.targets[0] = 37;
  EXPECT_EQ(code_of([&] { reader.load_capture(writer.add_capture(bad, 0, 0)); }), ErrorCode::kInvalidInput);
  bad.logits.pop_back();
  EXPECT_EQ(code_of([&] { writer.add_capture(bad, 0, 0); }), ErrorCode::kInternal);
  EXPECT_EQ(reader.captures().size(), 6u);
}

TEST(RunStore, RewindLeavesOneHistory) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  const std::string dir = folder / "run";
  const auto write_extras = [&](RunStoreWriter& writer, std::int64_t step) {
    if (step % 5 != 0) return;
    writer.add_eval({0, step, 1.0, 2.0, 0.5, 10, 1.0});
    writer.add_message({0, step, MessageLevel::kInfo, "step " + std::to_string(step)});
    writer.add_capture(make_capture(seed, step), 0, 1);
    writer.add_capture(make_capture(seed, step), 1, 2);
    ParityReport report;
    report.step = step;
    writer.add_parity(report);
    writer.add_saved({0, step, "checkpoints/step-" + std::to_string(step)});
  };
  {
    RunStoreWriter writer = RunStoreWriter::create(dir, "{}");
    writer.set_state(RunState::kRunning);
    for (std::int64_t step = 1; step <= 23; ++step) {
      add_made_step(writer, make_step(seed + 1, step));  // another run's values: all from 11 on must go
      write_extras(writer, step);
    }
  }
  EXPECT_EQ(RunReader(dir).info().state, "interrupted");
  // What a killed process leaves: a file without a record, and one half written.
  write_text_file(fs::path(dir) / "captures/step-24.safetensors", "x");
  write_text_file(fs::path(dir) / "captures/.step-23.safetensors.tmp-1-0", "x");
  write_text_file(fs::path(dir) / "captures/notes.txt", "the user's own");
  {
    RunStoreWriter writer = RunStoreWriter::open(dir);
    EXPECT_EQ(RunReader(dir).info().state, "running");
    writer.rewind(10);
    const RunReader reader(dir);
    EXPECT_EQ(reader.info().last_step, 10);
    EXPECT_EQ(reader.info().last_saved_step, 10);
    EXPECT_EQ(reader.evals().size(), 2u);
    EXPECT_EQ(reader.parity_reports().size(), 2u);
    EXPECT_EQ(reader.messages().size(), 2u);
    EXPECT_EQ(reader.captures().size(), 4u);
    EXPECT_TRUE(reader.sequences(11).empty());
    for (const CaptureRecord& record : reader.captures()) reader.load_capture(record);
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(fs::path(dir) / "captures")) {
      files.push_back(entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    EXPECT_EQ(files, (std::vector<std::string>{"notes.txt", "step-10-sequence-1.safetensors", "step-10.safetensors",
                                               "step-5-sequence-1.safetensors", "step-5.safetensors"}));
    writer.rewind(0);
    EXPECT_EQ(reader.info().last_step, 0);
    // The rows of the other run are still kept, and these differ from them: they bring their own tokens.
    for (std::int64_t step = 1; step <= 12; ++step) {
      add_made_step(writer, make_step(seed, step));
      write_extras(writer, step);
    }
    expect_run(reader, seed, 12);
    EXPECT_EQ(reader.captures().size(), 4u);
  }
  expect_run(RunReader(dir), seed, 12);
}

TEST(RunStore, AFailedStepLeavesNoTrace) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  RunStoreWriter writer = RunStoreWriter::create(folder / "run", "{}");
  const RunReader reader(folder / "run");
  add_made_step(writer, make_step(seed, 1));
  EXPECT_EQ(code_of([&] { add_made_step(writer, make_step(seed, 1)); }), ErrorCode::kInternal);
  for (std::int64_t step = 2; step <= 40; ++step) {
    MadeStep bad = make_step(seed, step);
    bad.event.sequences.push_back(bad.event.sequences.back());  // its index twice: the last insert fails
    EXPECT_EQ(code_of([&] { add_made_step(writer, bad); }), ErrorCode::kInternal);
    bad = make_step(seed, step, false);
    bad.tokens.back().rank = {};
    if (!bad.tokens.back().loss.empty()) {
      EXPECT_EQ(code_of([&] { add_made_step(writer, bad); }), ErrorCode::kInternal);
    }
    EXPECT_EQ(reader.info().last_step, step - 1);
    EXPECT_TRUE(reader.sequences(step).empty());
    add_made_step(writer, make_step(seed, step));
  }
  expect_run(reader, seed, 40);
}

TEST(RunStore, OneWriterAtATime) {
  const TempFolder folder;
  const std::string dir = folder / "run";
  std::string message;
  {
    RunStoreWriter writer = RunStoreWriter::create(dir, "{}");
    EXPECT_TRUE(RunLock::is_held(dir));
    EXPECT_EQ(code_of([&] { RunStoreWriter::open(dir); }, &message), ErrorCode::kInvalidInput);
    EXPECT_NE(message.find(std::to_string(::getpid())), std::string::npos) << message;
    EXPECT_EQ(code_of([&] { RunStoreWriter::create(dir, "{}"); }), ErrorCode::kInvalidInput);
    RunStoreWriter moved = std::move(writer);
    moved.set_state(RunState::kRunning);
    EXPECT_EQ(RunReader(dir).info().state, "running");
  }
  EXPECT_FALSE(RunLock::is_held(dir));
  EXPECT_EQ(RunReader(dir).info().state, "interrupted");
  EXPECT_EQ(code_of([&] { RunStoreWriter::create(dir, "{}"); }, &message), ErrorCode::kInvalidInput);
  EXPECT_NE(message.find("Resume"), std::string::npos) << message;
  {
    RunStoreWriter writer = RunStoreWriter::open(dir);
    writer.set_state(RunState::kFinished);
  }
  EXPECT_EQ(RunReader(dir).info().state, "finished");
  EXPECT_FALSE(RunLock::is_held(folder / "nowhere"));
}

TEST(RunStore, RefusesWhatIsNoRunFolder) {
  const TempFolder folder;
  std::string message;
  EXPECT_EQ(code_of([&] { RunReader(folder / "none"); }, &message), ErrorCode::kNotFound);
  EXPECT_EQ(message, "[run] " + folder / "none" + ": got no run.db, expected the folder of a run.");
  EXPECT_EQ(code_of([&] { RunStoreWriter::open(folder / "none"); }), ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder / "none"));

  write_text_file(folder / "file", "x");
  EXPECT_EQ(code_of([&] { RunStoreWriter::create(folder / "file", "{}"); }), ErrorCode::kIo);
  EXPECT_EQ(code_of([&] { RunStoreWriter::create(folder / "file/run", "{}"); }), ErrorCode::kIo);

  fs::create_directory(folder / "other");
  write_text_file(folder / "other/run.db", std::string(5000, 'x'));
  EXPECT_EQ(code_of([&] { RunReader(folder / "other"); }), ErrorCode::kInvalidInput);
  EXPECT_EQ(code_of([&] { RunStoreWriter::open(folder / "other"); }), ErrorCode::kInvalidInput);
  EXPECT_EQ(code_of([&] { RunStoreWriter::create(folder / "other", "{}"); }), ErrorCode::kInvalidInput);
  EXPECT_EQ(read_text_file(folder / "other/run.db"), std::string(5000, 'x'));
  EXPECT_FALSE(fs::exists(folder / "other/run.json"));

  fs::create_directories(folder / "left/checkpoints");
  EXPECT_EQ(code_of([&] { RunStoreWriter::create(folder / "left", "{}"); }), ErrorCode::kInvalidInput);
  EXPECT_FALSE(fs::exists(folder / "left/run.db"));
  EXPECT_FALSE(fs::exists(folder / "left/.lock"));

  for (const char* name : {"model", "notes"}) {
    fs::create_directories(fs::path(folder / "filled") / name);
    EXPECT_EQ(code_of([&] { RunStoreWriter::create(folder / "filled", "{}"); }, &message), ErrorCode::kInvalidInput);
    EXPECT_NE(message.find(name), std::string::npos) << message;
    EXPECT_NE(message.find("expected a new or empty one"), std::string::npos) << message;
    EXPECT_FALSE(fs::exists(folder / "filled/run.db"));
    fs::remove(fs::path(folder / "filled") / name);
  }

  // What a process leaves that is killed while it makes the folder is no run, and may be made again.
  fs::create_directory(folder / "begun");
  write_text_file(folder / "begun/run.db", "");
  write_text_file(folder / "begun/run.json", "{\"half\": 1}");
  EXPECT_EQ(code_of([&] { RunReader(folder / "begun"); }), ErrorCode::kNotFound);
  RunStoreWriter::create(folder / "begun", "{}");
  EXPECT_EQ(RunReader(folder / "begun").config().dump(), "{}");
}

TEST(RunStore, APipeInItsPlaceIsNamed) {
  const TempFolder folder;
  const std::string path = std::filesystem::path(folder / "run.db").string();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  for (const auto open : {&Database::open_writer, &Database::open_reader}) {
    try {
      open(path);
      ADD_FAILURE() << "opened a pipe";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kIo);
      EXPECT_TRUE(std::string(error.what()).starts_with("[" + path + "] no run store: got ")) << error.what();
    }
  }
}

TEST(RunStore, ALimitOfFileSizesIsNamed) {
  const TempFolder folder;
  const std::string path = std::filesystem::path(folder / "run.db").string();
  Database database = Database::open_writer(path);
  database.execute("PRAGMA journal_mode = WAL");
  database.execute("CREATE TABLE t(x)");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 200'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string message;
  try {
    for (int i = 0; i < 100; ++i) database.execute("INSERT INTO t VALUES (randomblob(9000))");
  } catch (const Error& error) {
    message = error.what();
    EXPECT_EQ(error.code(), ErrorCode::kNoSpace);
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, "[" + path +
                         "] file size: got a limit of 200000 bytes, expected room for the run's records. Raise the "
                         "limit (ulimit -f) and resume.");
}

TEST(RunStore, ListsRunsNewestFirst) {
  const std::uint64_t seed = fresh_seed();
  const TempFolder folder;
  for (const char* name : {"a", "b", "c"}) {
    RunStoreWriter writer = RunStoreWriter::create(folder / name, "{}");
    for (std::int64_t step = 1; step <= 3; ++step) add_made_step(writer, make_step(seed, step));
    writer.set_state(RunState::kFinished);
    ::usleep(3000);
  }
  fs::create_directory(folder / "empty");
  fs::create_directory(folder / "begun");
  write_text_file(folder / "begun/run.db", "");
  fs::create_directory(folder / "broken");
  write_text_file(folder / "broken/run.db", "nothing like a database, but long enough to be looked at");
  write_text_file(folder / "file", "x");
  const std::vector<RunSummary> runs = list_runs(folder.path().string());
  ASSERT_EQ(runs.size(), 4u);
  EXPECT_EQ(runs[0].name, "c");
  EXPECT_EQ(runs[2].name, "a");
  EXPECT_EQ(runs[0].state, "finished");
  EXPECT_EQ(runs[0].last_step, 3);
  EXPECT_EQ(runs[0].last_loss, make_step(seed, 3).event.loss);
  EXPECT_EQ(runs[3].name, "broken");
  EXPECT_EQ(runs[3].state, "damaged");
  EXPECT_TRUE(list_runs(folder / "none").empty());
}

}  // namespace
}  // namespace vernier
