// GGUF out and in, Q8_0 against its definition, damaged files.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "engine/io/gguf_reader.h"
#include "engine/io/gguf_writer.h"
#include "io_test_support.h"
#include "vernier/dtype.h"

namespace vernier {
namespace {

using test::expect_error;
using test::get_file;
using test::put_file;

GgufTensor tensor_of(const std::string& name, std::vector<std::int64_t> shape, GgufType type,
                     const std::vector<float>& values) {
  const std::int64_t width = shape.size() == 2 ? shape[1] : 1;
  return {name, std::move(shape), type, [&values, width](std::int64_t first, std::int64_t rows, float* out) {
            std::copy_n(values.begin() + first * width, rows * width, out);
          }};
}

std::vector<float> random_values(std::mt19937_64& rng, std::int64_t count, float scale = 1.0f) {
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(rng);
  return values;
}

TEST(Q8, KeepsTheDefinition) {
  std::mt19937_64 rng(test::fresh_seed());
  for (int round = 0; round < 50; ++round) {
    std::vector<float> values = random_values(rng, 32 * 7, std::pow(10.0f, static_cast<float>(round % 9) - 4.0f));
    std::fill_n(values.begin() + 64, 32, 0.0f);  // a block of zeros has no scale
    std::vector<std::byte> bytes(7 * kQ8BlockBytes);
    quantize_q8_0(values, bytes.data());
    std::vector<float> back(values.size());
    dequantize_q8_0(bytes.data(), static_cast<std::int64_t>(values.size()), back.data());
    for (std::size_t block = 0; block < 7; ++block) {
      double largest = 0.0;
      for (std::size_t i = 0; i < 32; ++i) largest = std::max(largest, std::abs(double{values[block * 32 + i]}));
      std::uint16_t scale = 0;
      std::memcpy(&scale, &bytes[block * kQ8BlockBytes], 2);
      EXPECT_EQ(scale, f32_to_f16(static_cast<float>(largest / 127.0)));
      int most = 0;
      for (std::size_t i = 0; i < 32; ++i) {
        const auto q = static_cast<std::int8_t>(bytes[block * kQ8BlockBytes + 2 + i]);
        most = std::max(most, std::abs(int{q}));
        const double exact = largest > 0.0 ? double{values[block * 32 + i]} / (largest / 127.0) : 0.0;
        EXPECT_TRUE(std::abs(exact - static_cast<double>(q)) <= 0.5 + 1e-4) << exact << " became " << int{q};
        EXPECT_EQ(back[block * 32 + i], f16_to_f32(scale) * static_cast<float>(q));
      }
      EXPECT_EQ(most, largest > 0.0 ? 127 : 0);
    }
  }
}

TEST(Gguf, ComesBackAsItWent) {
  std::mt19937_64 rng(test::fresh_seed());
  const test::TemporaryFolder folder;
  const auto any = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(rng);
  };
  for (int round = 0; round < 10; ++round) {
    const GgufMetadata metadata = {{"general.architecture", std::string("llama")},
                                   {"a.count", static_cast<std::uint32_t>(any(0, 1 << 30))},
                                   {"a.real", 0.25f},
                                   {"a.yes", true},
                                   {"a.no", false},
                                   {"a.texts", std::vector<std::string>{"", "\xE2\x96\x81t", std::string(300, 'x')}},
                                   {"a.ints", std::vector<std::int32_t>{-1, 2, 3}},
                                   {"a.reals", std::vector<float>{-1.5f, 0.0f}}};
    std::vector<std::vector<float>> values;
    std::vector<GgufTensor> tensors;
    values.reserve(8);
    for (const GgufType type : {GgufType::kF32, GgufType::kF16, GgufType::kBF16, GgufType::kQ8_0}) {
      const std::int64_t rows = any(1, 40);
      const std::int64_t columns = type == GgufType::kQ8_0 ? 32 * any(1, 4) : any(1, 77);
      values.push_back(random_values(rng, rows * columns));
      tensors.push_back(tensor_of("m." + to_string(type), {rows, columns}, type, values.back()));
      values.push_back(random_values(rng, any(1, 99)));
      const auto size = static_cast<std::int64_t>(values.back().size());
      tensors.push_back(tensor_of("v." + to_string(type), {size}, GgufType::kF32, values.back()));
    }
    const auto path = folder / "a.gguf";
    AtomicFile file(path);
    ASSERT_TRUE(write_gguf(file, metadata, tensors));
    file.commit();

    GgufReader reader(path);
    ASSERT_EQ(reader.metadata().size(), metadata.size());
    for (const auto& [key, value] : metadata) EXPECT_TRUE(reader.metadata().at(key) == value) << key;
    ASSERT_EQ(reader.tensors().size(), tensors.size());
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const GgufReader::Tensor& tensor = reader.tensors().at(tensors[t].name);
      EXPECT_EQ(tensor.shape, tensors[t].shape);
      EXPECT_EQ(tensor.type, tensors[t].type);
      EXPECT_EQ(tensor.offset % kGgufAlignment, 0U);
      std::vector<float> back(values[t].size());
      const std::int64_t first = any(0, tensor.shape[0] - 1);
      const std::int64_t width = tensor.shape.size() == 2 ? tensor.shape[1] : 1;
      reader.read(tensors[t].name, 0, first, back.data());
      reader.read(tensors[t].name, first, tensor.shape[0] - first, back.data() + first * width);
      const double relative = tensor.type == GgufType::kF32    ? 0.0
                              : tensor.type == GgufType::kF16  ? 0x1p-11
                              : tensor.type == GgufType::kBF16 ? 0x1p-8
                                                               : 0.0;
      for (std::size_t i = 0; i < back.size(); ++i) {
        // Q8_0 of values of about one in blocks whose largest is below six.
        const double tolerance = tensor.type == GgufType::kQ8_0 ? 6.0 / 254.0 + 6.0 * 0x1p-11
                                                                : relative * std::abs(double{values[t][i]}) +
                                                                      (tensor.type == GgufType::kF16 ? 0x1p-25 : 0.0);
        ASSERT_TRUE(std::abs(double{back[i]} - double{values[t][i]}) <= tolerance) << tensors[t].name << " " << i;
      }
    }
  }
}

TEST(Gguf, NothingIsLeftWhereStopped) {
  const test::TemporaryFolder folder;
  const std::vector<float> values(64, 1.0f);
  std::stop_source source;
  source.request_stop();
  {
    AtomicFile file(folder / "a.gguf");
    EXPECT_FALSE(write_gguf(file, {}, {tensor_of("t", {2, 32}, GgufType::kQ8_0, values)}, {}, source.get_token()));
  }
  EXPECT_EQ(test::entries(folder.path()), 0U);
}

TEST(GgufReaderTest, RefusesDamage) {
  const test::TemporaryFolder folder;
  const std::vector<float> values(64, 1.0f);
  const auto path = folder / "a.gguf";
  {
    AtomicFile file(path);
    ASSERT_TRUE(write_gguf(file, {{"k", std::string("v")}}, {tensor_of("t", {2, 32}, GgufType::kF32, values)}));
    file.commit();
  }
  const std::string whole = get_file(path);
  expect_error([&] { GgufReader(folder / "none.gguf"); }, ErrorCode::kNotFound, {"none.gguf"});
  // Cut anywhere, it ends early: header, metadata, tensor table and data alike.
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    put_file(path, whole.substr(0, length));
    expect_error([&] { GgufReader reader(path); }, ErrorCode::kInvalidInput, {"a.gguf"}, std::to_string(length));
  }
  std::string other = whole;
  other[4] = 2;
  put_file(path, other);
  expect_error([&] { GgufReader reader(path); }, ErrorCode::kUnsupported, {"version 2"});
  // Whatever one byte becomes, the reader returns or says what is wrong.
  for (std::size_t i = 0; i < whole.size() - 256; ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0xFF);
    put_file(path, changed);
    try {
      GgufReader reader(path);
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace vernier
