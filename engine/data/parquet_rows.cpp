#include "engine/data/parquet_rows.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "engine/core/strict_json.h"
#include "engine/text/utf8.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kBatchRows = 1024;
constexpr int kMaxDepth = 64;  // of nested columns

// Arrow gave some of these as a Status and an argument, and gives them as a Result now.
template <typename Reader>
arrow::Status open_batches(Reader& reader, std::unique_ptr<arrow::RecordBatchReader>& out) {
  if constexpr (requires { reader.GetRecordBatchReader().status(); }) {
    return reader.GetRecordBatchReader().Value(&out);
  } else {
    return reader.GetRecordBatchReader(&out);
  }
}

class ParquetRows final : public RowSource {
 public:
  explicit ParquetRows(const std::string& path) : path_(path) {
    try {
      std::shared_ptr<arrow::io::ReadableFile> file;
      check(arrow::io::ReadableFile::Open(path).Value(&file));
      parquet::ArrowReaderProperties properties(/*use_threads=*/false);
      properties.set_batch_size(kBatchRows);
      properties.set_pre_buffer(false);  // page by page, not the whole file
      parquet::ReaderProperties pages = parquet::default_reader_properties();
      pages.enable_buffered_stream();
      parquet::arrow::FileReaderBuilder builder;
      check(builder.Open(file, pages));
      check(builder.properties(properties)->Build(&reader_));
      num_rows_ = reader_->parquet_reader()->metadata()->num_rows();
      check(open_batches(*reader_, batches_));
      for (const auto& field : batches_->schema()->fields()) check_type(*field->type(), field->name(), 0);
    } catch (const parquet::ParquetException& error) {
      fail_damaged(error.what());
    }
  }

  bool next(RawRow& row) override {
    while (batch_ == nullptr || at_ == batch_->num_rows()) {
      try {
        check(batches_->ReadNext(&batch_));
      } catch (const parquet::ParquetException& error) {
        fail_damaged(error.what());
      }
      at_ = 0;
      if (batch_ == nullptr) return false;
    }
    ordered_json object = ordered_json::object();
    for (int column = 0; column < batch_->num_columns(); ++column) {
      object[batch_->column_name(column)] = value_of(*batch_->column(column), at_);
    }
    ++at_;
    row.index = next_index_++;
    row.line = next_index_;
    try {
      row.bytes = object.dump();
    } catch (const ordered_json::exception&) {
      fail(ErrorCode::kInvalidInput, row_place(path_, row), "a text is not UTF-8.");
    }
    if (row.bytes.size() > kMaxRowBytes) {
      fail(ErrorCode::kInvalidInput, row_place(path_, row),
           "the row is longer than " + std::to_string(kMaxRowBytes >> 20) + " MiB.");
    }
    return true;
  }

  ordered_json parse(const RawRow& row) const override {
    return parse_strict_json<ordered_json>(row.bytes, row_place(path_, row));
  }

  double fraction() const override {
    return num_rows_ > 0 ? static_cast<double>(next_index_) / static_cast<double>(num_rows_) : 1.0;
  }

 private:
  [[noreturn]] void fail_damaged(const std::string& what) const {
    fail(ErrorCode::kInvalidInput, path_, "the Parquet file cannot be read: " + what.substr(0, what.find('\n')) + ".");
  }
  void check(const arrow::Status& status) const {
    if (!status.ok()) fail_damaged(status.message());
  }

  // Before a row is read, so that a column that cannot be read is named at once.
  void check_type(const arrow::DataType& type, const std::string& column, int depth) const {
    switch (type.id()) {
      case arrow::Type::NA:
      case arrow::Type::BOOL:
      case arrow::Type::INT8:
      case arrow::Type::INT16:
      case arrow::Type::INT32:
      case arrow::Type::INT64:
      case arrow::Type::UINT8:
      case arrow::Type::UINT16:
      case arrow::Type::UINT32:
      case arrow::Type::UINT64:
      case arrow::Type::FLOAT:
      case arrow::Type::DOUBLE:
      case arrow::Type::STRING:
      case arrow::Type::LARGE_STRING:
      case arrow::Type::BINARY:
      case arrow::Type::LARGE_BINARY:
      case arrow::Type::DATE32:
      case arrow::Type::DATE64:
      case arrow::Type::TIMESTAMP:
      case arrow::Type::DECIMAL128:
        return;
      case arrow::Type::DICTIONARY:
        return check_type(*static_cast<const arrow::DictionaryType&>(type).value_type(), column, depth + 1);
      case arrow::Type::STRUCT:
      case arrow::Type::LIST:
      case arrow::Type::LARGE_LIST:
      case arrow::Type::FIXED_SIZE_LIST:
      case arrow::Type::MAP:
        if (depth >= kMaxDepth) break;
        for (const auto& field : type.fields()) check_type(*field->type(), column, depth + 1);
        return;
      default:
        break;
    }
    fail(ErrorCode::kUnsupported, path_,
         "column " + column + ": got the Parquet type " + type.ToString().substr(0, 80) +
             ", expected text, numbers, dates, lists or structs. Leave the column out, or convert the file to JSONL.");
  }

  ordered_json list_of(const arrow::Array& values, std::int64_t first, std::int64_t count) const {
    ordered_json list = ordered_json::array();
    for (std::int64_t i = first; i < first + count; ++i) list.push_back(value_of(values, i));
    return list;
  }

  template <typename Array>
  static const Array& as(const arrow::Array& array) {
    return static_cast<const Array&>(array);
  }

  ordered_json value_of(const arrow::Array& array, std::int64_t i) const {
    if (array.IsNull(i)) return nullptr;
    switch (array.type_id()) {
      case arrow::Type::BOOL:
        return as<arrow::BooleanArray>(array).Value(i);
      case arrow::Type::INT8:
        return as<arrow::Int8Array>(array).Value(i);
      case arrow::Type::INT16:
        return as<arrow::Int16Array>(array).Value(i);
      case arrow::Type::INT32:
        return as<arrow::Int32Array>(array).Value(i);
      case arrow::Type::INT64:
        return as<arrow::Int64Array>(array).Value(i);
      case arrow::Type::UINT8:
        return as<arrow::UInt8Array>(array).Value(i);
      case arrow::Type::UINT16:
        return as<arrow::UInt16Array>(array).Value(i);
      case arrow::Type::UINT32:
        return as<arrow::UInt32Array>(array).Value(i);
      case arrow::Type::UINT64:
        return as<arrow::UInt64Array>(array).Value(i);
      case arrow::Type::FLOAT:
        return number(static_cast<double>(as<arrow::FloatArray>(array).Value(i)));
      case arrow::Type::DOUBLE:
        return number(as<arrow::DoubleArray>(array).Value(i));
      case arrow::Type::STRING:
        return std::string(as<arrow::BinaryArray>(array).GetView(i));
      case arrow::Type::LARGE_STRING:
        return std::string(as<arrow::LargeBinaryArray>(array).GetView(i));
      case arrow::Type::BINARY:
        return bytes(as<arrow::BinaryArray>(array).GetView(i));
      case arrow::Type::LARGE_BINARY:
        return bytes(as<arrow::LargeBinaryArray>(array).GetView(i));
      case arrow::Type::DICTIONARY: {
        const auto& coded = as<arrow::DictionaryArray>(array);
        return value_of(*coded.dictionary(), coded.GetValueIndex(i));
      }
      case arrow::Type::STRUCT: {
        const auto& parts = as<arrow::StructArray>(array);
        ordered_json object = ordered_json::object();
        for (int field = 0; field < parts.num_fields(); ++field) {
          object[parts.struct_type()->field(field)->name()] = value_of(*parts.field(field), i);
        }
        return object;
      }
      case arrow::Type::LIST: {
        const auto& lists = as<arrow::ListArray>(array);
        return list_of(*lists.values(), lists.value_offset(i), lists.value_length(i));
      }
      case arrow::Type::LARGE_LIST: {
        const auto& lists = as<arrow::LargeListArray>(array);
        return list_of(*lists.values(), lists.value_offset(i), lists.value_length(i));
      }
      case arrow::Type::FIXED_SIZE_LIST: {
        const auto& lists = as<arrow::FixedSizeListArray>(array);
        return list_of(*lists.values(), lists.value_offset(i), lists.value_length(i));
      }
      case arrow::Type::MAP: {
        const auto& maps = as<arrow::MapArray>(array);
        ordered_json object = ordered_json::object();
        for (std::int64_t k = maps.value_offset(i); k < maps.value_offset(i) + maps.value_length(i); ++k) {
          const ordered_json key = value_of(*maps.keys(), k);
          object[key.is_string() ? key.get<std::string>() : key.dump()] = value_of(*maps.items(), k);
        }
        return object;
      }
      default: {  // dates, times and decimals, as text
        std::shared_ptr<arrow::Scalar> scalar;
        check(array.GetScalar(i).Value(&scalar));
        return scalar->ToString();
      }
    }
  }

  // Old writers do not mark their texts as such; what is none (pictures) is left out.
  static ordered_json bytes(std::string_view value) {
    return is_valid_utf8(value) ? ordered_json(std::string(value)) : ordered_json();
  }

  // JSON has no NaN and no infinities.
  static ordered_json number(double value) { return std::isfinite(value) ? ordered_json(value) : ordered_json(); }

  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::int64_t at_ = 0;  // in batch_
  std::int64_t num_rows_ = 0;
  std::int64_t next_index_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> open_parquet(const std::string& path) {
  return std::make_unique<ParquetRows>(path);
}

}  // namespace vernier
