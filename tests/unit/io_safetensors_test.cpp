#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "engine/io/atomic_file.h"
#include "engine/io/safetensors.h"
#include "io_test_support.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using test::expect_error;
using test::put_file;
using test::TemporaryFolder;

// A file from its parts; header_bytes < 0: as long as the header is.
std::string file_bytes(const std::string& header, const std::string& data, std::int64_t header_bytes = -1) {
  const std::uint64_t length = header_bytes < 0 ? header.size() : static_cast<std::uint64_t>(header_bytes);
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

std::string floats(std::initializer_list<float> values) {
  return {reinterpret_cast<const char*>(std::data(values)), values.size() * sizeof(float)};
}

TEST(Safetensors, OpensEveryReferenceFileAsItsCaseSays) {
  const fs::path folder = fs::path(VERNIER_SHARED_DIR) / "safetensors";
  if (!fs::exists(folder / "cases.json")) GTEST_SKIP() << "missing: safetensors/cases.json";
  int cases = 0;
  for (const nlohmann::json& c : read_json_file(folder / "cases.json")) {
    const std::string name = c["file"];
    const std::string expect = c["expect"];
    if (expect.starts_with("ok")) {
      EXPECT_NO_THROW(SafetensorsFile(folder / name)) << name;
    } else {
      expect_error([&] { SafetensorsFile(folder / name); }, ErrorCode::kInvalidInput,
                   {name.c_str(), "not a valid safetensors file"}, name);
    }
    ++cases;
  }
  EXPECT_EQ(cases, 18);
}

TEST(Safetensors, ReadsTensorsAndMetadata) {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  put_file(path, file_bytes(R"({"__metadata__":{"format":"pt","k":"v"},"b":{"dtype":"F32","shape":[2,1],)"
                            R"("data_offsets":[4,12]},"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                            R"("z":{"shape":[0,7],"data_offsets":[12,12],"dtype":"BF16"}}   )",
                            floats({1.5f, -2.0f, 3.25f})));
  const SafetensorsFile file(path);
  EXPECT_EQ(file.metadata().at("k"), "v");
  ASSERT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.tensors()[0].name, "s");
  EXPECT_EQ(file.at("s").shape.size(), 0u);
  EXPECT_EQ(file.at("s").size(), 1);
  EXPECT_EQ(file.at("b").shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(file.at("z").size(), 0);
  float values[2] = {};
  convert_to_f32(file.at("b"), values);
  EXPECT_EQ(values[0], -2.0f);
  EXPECT_EQ(values[1], 3.25f);
  convert_to_f32(file.at("b"), 1, 1, values);
  EXPECT_EQ(values[0], 3.25f);
  EXPECT_EQ(file.find("B"), nullptr);
  expect_error([&] { file.at("B"); }, ErrorCode::kInvalidInput, {"[a.safetensors] B: not there"});
  const std::int64_t wrong[] = {1, 2};
  expect_error([&] { file.at("b", wrong); }, ErrorCode::kInvalidInput,
               {"[a.safetensors] b: got shape [2, 1], expected [1, 2]."});
  file.check_unchanged();
}

TEST(Safetensors, RefusesEveryDefect) {
  const TemporaryFolder folder;
  const fs::path path = folder / "bad.safetensors";
  const auto refused = [&](const std::string& bytes, const char* part, ErrorCode code = ErrorCode::kInvalidInput) {
    put_file(path, bytes);
    expect_error([&] { SafetensorsFile file(path); }, code, {"[bad.safetensors]", part}, part);
  };
  const std::string four = floats({1.0f});
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  refused("", "expected at least 8");
  refused(std::string(7, '\0'), "expected at least 8");
  refused(file_bytes("", ""), "not valid JSON at byte 0");
  refused(file_bytes("{}", "", 3), "claims 3 bytes");
  refused(file_bytes("{}", "", 100'000'001), "expected at most 100000000");
  refused(file_bytes("{}", "", INT64_MAX), "expected at most 100000000");
  refused(file_bytes("[]", ""), "is a list instead of an object");
  refused(file_bytes("7", ""), "is a number instead of an object");
  refused(file_bytes("{}x", ""), "not valid JSON at byte 2");
  refused(file_bytes(std::string("{}\0x", 4), ""), "not valid JSON at byte 2");
  refused(file_bytes("\xef\xbb\xbf{}", ""), "not valid JSON at byte 0");
  refused(file_bytes("{\"\xff\":1}", ""), "not valid JSON");
  refused(file_bytes("{}", "x"), "take 0 bytes, but 1 follow");
  refused(file_bytes(R"({"a":1})", ""), "the entry of a is a number");
  refused(file_bytes(R"({"a":[]})", ""), "the entry of a is a list");
  refused(file_bytes(R"({"a":{}})", ""), "a has no dtype");
  refused(file_bytes(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", four), "a has no shape");
  refused(file_bytes(R"({"a":{"dtype":"F32","shape":[1]}})", four), "a has no data_offsets");
  refused(file_bytes(entry("1", "[1]", "[0,4]"), four), "dtype of a holds a number");
  refused(file_bytes(entry("[\"F32\"]", "[1]", "[0,4]"), four), "dtype of a holds a list");
  refused(file_bytes(entry("\"F33\"", "[1]", "[0,4]"), four), "F33 is not supported", ErrorCode::kUnsupported);
  refused(file_bytes(entry("\"F32\"", "1", "[0,4]"), four), "shape of a holds a number");
  refused(file_bytes(entry("\"F32\"", "[1.0]", "[0,4]"), four), "shape of a holds a fractional");
  refused(file_bytes(entry("\"F32\"", "[-1]", "[0,4]"), four), "shape of a holds a negative number");
  refused(file_bytes(entry("\"F32\"", "[\"1\"]", "[0,4]"), four), "shape of a holds a string");
  refused(file_bytes(entry("\"F32\"", "[[1]]", "[0,4]"), four), "shape of a holds a list");
  refused(file_bytes(entry("\"F32\"", "null", "[0,4]"), four), "shape of a holds null");
  refused(file_bytes(entry("\"F32\"", "[9223372036854775808]", "[0,4]"), four), "is too large");
  refused(file_bytes(entry("\"F32\"", "[99999999999999999999]", "[0,4]"), four), "too large number");
  refused(file_bytes(entry("\"F32\"", "[4611686018427387905]", "[0,4]"), four), "impossible shape");
  refused(file_bytes(entry("\"F32\"", "[4611686018427387905,4,0]", "[0,0]"), ""), "impossible shape");
  refused(file_bytes(entry("\"F32\"", "[1]", "[0]"), four), "too few numbers");
  refused(file_bytes(entry("\"F32\"", "[1]", "[0,4,8]"), four), "more than two numbers");
  refused(file_bytes(entry("\"F32\"", "[1]", "[4,0]"), four), "before its start");
  refused(file_bytes(entry("\"F32\"", "[1]", "[0,8]"), four), "has 8 bytes, expected 4 for F32 [1]");
  refused(file_bytes(entry("\"F32\"", "[2]", "[0,8]"), four), "take 8 bytes, but 4 follow");
  refused(file_bytes(entry("\"F32\"", "[1]", "[0,4]"), four + "x"), "take 4 bytes, but 5 follow");
  refused(file_bytes(entry("\"F32\"", "[1]", "[4,8]"), four + four), "hole");
  std::string deep = "{\"a\":{\"x\":";
  deep.append(100'000, '[');
  refused(file_bytes(deep, ""), "nested too deeply");
  std::string ones = "[1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  refused(file_bytes(entry("\"F32\"", ones + "]", "[0,4]"), four), "too many dimensions");
  // Twice the same name, field or metadata key.
  const std::string one = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  refused(file_bytes("{" + one + "," + one + "}", four), "the name a is there twice");
  refused(file_bytes(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four), "twice");
  refused(file_bytes(R"({"__metadata__":{"a":"1","a":"2"}})", ""), "twice");
  refused(file_bytes(R"({"__metadata__":{"a":1}})", ""), "metadata value of a is a number");
  refused(file_bytes(R"({"__metadata__":{"a":{"b":"c"}}})", ""), "metadata value of a is an object");
  refused(file_bytes(R"({"__metadata__":{"a":["b"]}})", ""), "metadata value of a is a list");
  // Overlap of two tensors of the right sizes.
  refused(file_bytes("{" + one + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four), "overlap");
}

TEST(Safetensors, SkipsUnknownMembersAsTheReferenceDoes) {
  const TemporaryFolder folder;
  put_file(folder / "a", file_bytes(R"({"__metadata__":null,"a":{"dtype":"F32","extra":{"x":[1,{"y":-2.5}]},"n":null,)"
                                    R"("shape":[1],"data_offsets":[0,4]}})",
                                    floats({7.0f})));
  const SafetensorsFile file(folder / "a");
  float value = 0;
  convert_to_f32(file.at("a"), &value);
  EXPECT_EQ(value, 7.0f);
}

TEST(Safetensors, NoPrefixOfAFileAndNoFlippedByteIsTakenWrongly) {
  const TemporaryFolder folder;
  const fs::path path = folder / "f.safetensors";
  const std::string good =
      file_bytes(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                 R"("b":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]}})",
                 std::string(30, 'x'));
  for (std::size_t length = 0; length < good.size(); ++length) {
    put_file(path, good.substr(0, length));
    EXPECT_THROW(SafetensorsFile{path}, Error) << length;
  }
  std::mt19937_64 random(test::fresh_seed());
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = good;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips) {
      bytes[random() % bytes.size()] ^= static_cast<char>(1u << (random() % 8));
    }
    put_file(path, bytes);
    try {
      const SafetensorsFile file(path);
      // Still well-formed (a changed name, say): then every byte must be readable.
      std::uint64_t sum = 0;
      for (const TensorInfo& tensor : file.tensors()) {
        for (const std::byte b : tensor.bytes) sum += std::to_integer<std::uint64_t>(b);
      }
      EXPECT_GT(sum, 0u);
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kInternal) << error.what();
    }
  }
}

TEST(Safetensors, SeesAFileThatWasCutShort) {
  const TemporaryFolder folder;
  const fs::path path = folder / "model.safetensors";
  put_file(path, file_bytes(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", floats({1.0f})));
  const ShardedSafetensors weights(folder.path());
  fs::resize_file(path, 20);
  float value = 0;
  const std::int64_t shape[] = {1};
  expect_error([&] { weights.read_f32("a", shape, &value); }, ErrorCode::kIo, {"now has 20"});
  expect_error([&] { SafetensorsFile file(folder.path()); }, ErrorCode::kInvalidInput, {"expected a file"});
  expect_error([&] { SafetensorsFile file(folder / "none"); }, ErrorCode::kNotFound, {"No such file"});
}

TEST(Safetensors, ConvertsEveryHalfExactlyAtEveryAlignment) {
  std::vector<std::uint16_t> patterns(65536);
  std::iota(patterns.begin(), patterns.end(), 0);
  std::vector<std::byte> bytes(patterns.size() * 2 + 1);
  std::vector<float> out(patterns.size());
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    for (const std::size_t shift : {0u, 1u}) {
      std::memcpy(bytes.data() + shift, patterns.data(), patterns.size() * 2);
      const TensorInfo tensor{"t", dtype, {65536}, std::span(bytes).subspan(shift, patterns.size() * 2)};
      for (const std::int64_t first : {0, 1, 13}) {
        convert_to_f32(tensor, first, 65536 - first, out.data());
        for (std::int64_t i = first; i < 65536; ++i) {
          const auto bits = static_cast<std::uint16_t>(i);
          const float expected = dtype == DType::kF16 ? f16_to_f32(bits) : bf16_to_f32(bits);
          const float got = out[static_cast<std::size_t>(i - first)];
          if (std::isnan(expected)) {
            ASSERT_TRUE(std::isnan(got)) << i;
          } else {
            ASSERT_EQ(std::bit_cast<std::uint32_t>(got), std::bit_cast<std::uint32_t>(expected)) << i;
          }
        }
      }
    }
  }
  std::int64_t number = 5;
  const TensorInfo ints{"t", DType::kI64, {1}, std::as_bytes(std::span(&number, 1))};
  expect_error([&] { convert_to_f32(ints, out.data()); }, ErrorCode::kUnsupported, {"I64"});
  EXPECT_THROW(convert_to_f32(ints, 1, 1, out.data()), Error);
}

TEST(Safetensors, ConvertsFromFloatAsTheScalarFunctions) {
  std::mt19937_64 random(test::fresh_seed());
  std::vector<float> values(100'003);
  for (float& value : values) value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  values[0] = 1.00390625f;  // a tie
  values[1] = 3.4e38f;
  values[2] = std::bit_cast<float>(0x7f800001u);  // a NaN that truncation would make infinite
  values[3] = std::bit_cast<float>(0xff800001u);
  values[4] = -INFINITY;
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    std::vector<std::uint16_t> out(values.size());
    convert_from_f32(values, dtype, reinterpret_cast<std::byte*>(out.data()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(out[i], dtype == DType::kF16 ? f32_to_f16(values[i]) : f32_to_bf16(values[i])) << values[i];
    }
  }
}

TEST(Safetensors, WritesWhatItReads) {
  const TemporaryFolder folder;
  const fs::path path = folder / "w.safetensors";
  std::mt19937_64 random(test::fresh_seed());
  std::vector<float> values(300'007);
  for (float& value : values) value = static_cast<float>(random() % 2001) - 1000.0f;  // exact in f16, f32
  std::vector<std::int64_t> ids = {5, -1};
  SafetensorsWriter writer(path);
  writer.set_metadata("step", "12");
  writer.add("b.half", DType::kF16, {300'007});
  writer.add("a.full", DType::kF32, {300'007});
  writer.add("ids", DType::kI64, {2, 1});
  writer.add("empty", DType::kBF16, {0, 3});
  writer.add("scalar", DType::kF32, {});
  for (const std::string& name : writer.begin()) {
    if (name == "ids") writer.write(std::as_bytes(std::span(ids)));
    if (name == "b.half") {
      writer.write_f32(std::span(values).first(7));
      writer.write_f32(std::span(values).subspan(7));
    }
    if (name == "a.full") writer.write_f32(values);
    if (name == "scalar") writer.write_f32(std::span(values).first(1));
  }
  EXPECT_FALSE(fs::exists(path));
  writer.finish();
  const SafetensorsFile file(path);
  EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"format", "pt"}, {"step", "12"}}));
  EXPECT_EQ(file.at("ids").shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(std::memcmp(file.at("ids").bytes.data(), ids.data(), 16), 0);
  std::vector<float> read(values.size());
  for (const char* name : {"b.half", "a.full"}) {
    convert_to_f32(file.at(name), read.data());
    EXPECT_EQ(read, values) << name;
  }
  for (const TensorInfo& tensor : file.tensors()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % size_of(tensor.dtype), 0u) << tensor.name;
  }
}

TEST(Safetensors, WriterNoticesMisuse) {
  const TemporaryFolder folder;
  const float values[3] = {1, 2, 3};
  const auto misuse = [&](const std::function<void(SafetensorsWriter&)>& use) {
    EXPECT_THROW(
        {
          SafetensorsWriter writer(folder / "x");
          use(writer);
        },
        Error);
    EXPECT_EQ(test::entries(folder.path()), 0u);
  };
  misuse([&](auto& w) { w.add("a", DType::kF32, {2}), w.begin(), w.write_f32(values); });
  misuse([&](auto& w) { w.add("a", DType::kF32, {4}), w.begin(), w.write_f32(values), w.finish(); });
  misuse([&](auto& w) { w.add("a", DType::kF32, {3}), w.write_f32(values); });
  misuse([&](auto& w) { w.add("a", DType::kF32, {1}), w.add("a", DType::kF32, {1}), w.begin(); });
  misuse([&](auto& w) { w.add("a", DType::kF32, {-1}); });
  misuse([&](auto& w) { w.add("a", DType::kF32, {INT64_MAX, 4}); });
  misuse([&](auto& w) { w.begin(), w.begin(); });
}

class Sharded : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 2; ++i) {
      const float value = static_cast<float>(i + 1);
      const std::vector<float> values = {value, value, value, value, value, value + 10};
      const TensorToWrite tensor{"t" + std::to_string(i), DType::kF32, {3, 2}, std::as_bytes(std::span(values))};
      write_safetensors(folder_ / ("s" + std::to_string(i) + ".safetensors"), std::span(&tensor, 1));
    }
  }
  void put_index(const std::string& weight_map) {
    put_file(folder_ / "model.safetensors.index.json", R"({"metadata":{},"weight_map":)" + weight_map + "}");
  }
  TemporaryFolder folder_;
};

TEST_F(Sharded, ReadsThroughTheIndex) {
  put_index(R"({"t0":"s0.safetensors","t1":"s1.safetensors"})");
  const ShardedSafetensors weights(folder_.path());
  EXPECT_EQ(weights.names(), (std::vector<std::string>{"t0", "t1"}));
  EXPECT_EQ(weights.total_bytes(), 48u);
  const std::int64_t shape[] = {3, 2};
  float values[6] = {};
  weights.read_f32("t1", shape, values);
  EXPECT_EQ(values[5], 12.0f);
  weights.read_f32("t0", shape, 2, 1, values);
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], 11.0f);
  EXPECT_THROW(weights.read_f32("t0", shape, 2, 2, values), Error);
  const std::int64_t wrong[] = {2, 3};
  expect_error([&] { weights.at("t0", wrong); }, ErrorCode::kInvalidInput,
               {"[s0.safetensors] t0: got shape [3, 2], expected [2, 3]."});
  expect_error([&] { weights.at("t2", shape); }, ErrorCode::kInvalidInput,
               {"[model.safetensors.index.json] t2: not there"});
}

TEST_F(Sharded, RefusesWhatIsMissingOrOutside) {
  expect_error([&] { ShardedSafetensors w(folder_.path()); }, ErrorCode::kNotFound, {"no weights"});
  const auto refused = [&](const std::string& weight_map, const char* part) {
    put_index(weight_map);
    expect_error([&] { ShardedSafetensors w(folder_.path()); }, ErrorCode::kInvalidInput, {part}, weight_map);
  };
  refused(R"({"t0":"s0.safetensors","t1":"s7.safetensors"})", "the shard s7.safetensors is missing");
  refused(R"({"t0":"s0.safetensors","x":"s0.safetensors"})", "[s0.safetensors] x: not there");
  refused(R"({"t0":"../s0.safetensors"})", "the checkpoint's own folder");
  refused(R"({"t0":"/etc/passwd"})", "the checkpoint's own folder");
  refused(R"({"t0":".."})", "the checkpoint's own folder");
  refused(R"({"t0":""})", "the checkpoint's own folder");
  refused(R"({"t0":"s0.safetensors\u0000x"})", R"("s0.safetensors\u0000x", expected a file of the checkpoint's own)");
  refused(R"({"t0":7})", "expected the name of a file");
  refused("[]", "expected an object \"weight_map\"");
  put_file(folder_ / "model.safetensors.index.json", "[]");
  expect_error([&] { ShardedSafetensors w(folder_.path()); }, ErrorCode::kInvalidInput, {"weight_map"});
}

TEST(ShardedGolden, ReadsEveryGoldenCheckpoint) {
  const fs::path golden = fs::path(VERNIER_SHARED_DIR) / "golden";
  if (!fs::exists(golden)) GTEST_SKIP() << "missing: golden";
  int folders = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(golden)) {
    if (!entry.is_directory()) continue;
    const ShardedSafetensors weights(entry.path());
    EXPECT_NE(weights.find("model.embed_tokens.weight"), nullptr) << entry.path();
    if (entry.path().filename() == "llama-bf16-sharded") {
      EXPECT_EQ(weights.files().size(), 4u);
    }
    ++folders;
  }
  EXPECT_GE(folders, 11);
}

}  // namespace
}  // namespace vernier
