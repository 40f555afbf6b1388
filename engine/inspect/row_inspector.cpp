#include "vernier/row_inspector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/data/load_dataset.h"
#include "engine/data/marked_text.h"
#include "engine/data/row_labeller.h"
#include "engine/data/row_source.h"
#include "engine/data/sample_rows.h"
#include "engine/io/hf_config.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {
namespace {

// Ends of stretches without and with a label, in turn.
void find_ends(std::span<const std::int32_t> labels, std::vector<std::int32_t>& ends) {
  ends.clear();
  if (labels.empty()) return;
  bool labelled = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if ((labels[i] != kNoLabel) == labelled) continue;
    ends.push_back(static_cast<std::int32_t>(i));
    labelled = !labelled;
  }
  ends.push_back(static_cast<std::int32_t>(labels.size()));
}

}  // namespace

struct RowInspector::Parts {
  std::int64_t vocab_size = 0;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<ChatTemplate> chat_template;

  RowReader reader() const { return {*tokenizer, chat_template.get(), vocab_size, {}}; }
};

RowInspector::RowInspector(const std::string& model_dir, const std::string& chat_template) {
  auto parts = std::make_unique<Parts>();
  parts->vocab_size = read_model_config(model_dir).vocab_size;
  parts->tokenizer = Tokenizer::load(model_dir);
  parts->chat_template = choose_chat_template(chat_template, model_dir);
  parts_ = std::move(parts);
}

RowInspector::~RowInspector() = default;

bool RowInspector::has_chat_template() const {
  return parts_->chat_template != nullptr;
}

RowScan RowInspector::scan(const DatasetOptions& dataset, const LabelOptions& labels, const RowSummarySink& sink,
                           const std::function<void(double)>& progress, std::stop_token stop) const {
  std::vector<std::int32_t> ends;
  const auto tell = [&](const ScannedRow& row) {
    find_ends(row.row.labels, ends);
    RowSummary out;
    out.row = row.row.source_row;
    out.file_row = row.file_row;
    out.example = row.example;
    out.cut_tokens = row.row.cut_tokens;
    out.lost = row.row.lost;
    out.duplicate = row.row.duplicate;
    out.empty = row.labelled.empty;
    out.placeholder = row.labelled.placeholder;
    out.special_token = row.labelled.special_token;
    out.unclosed_turn = row.labelled.unclosed_turn;
    out.double_bos = row.labelled.double_bos;
    out.ends = ends;
    sink(out);
  };
  ScannedDataset scanned = scan_dataset(dataset, parts_->reader(), labels, tell, progress, std::move(stop));
  return {std::move(scanned.format), std::move(scanned.audit)};
}

InspectedRow RowInspector::read_row(const DatasetOptions& dataset, const LabelOptions& labels, std::int64_t file_row,
                                    std::int32_t example, std::int64_t most_tokens, std::stop_token stop) const {
  const std::unique_ptr<RowSource> source = open_rows(dataset.path);
  std::optional<RowFormat> format;
  RawRow raw;
  const auto no_such_row = [&] {
    fail(ErrorCode::kInvalidInput, dataset.path,
         "row " + std::to_string(file_row) + ": there is no such row any more. Read the file again.");
  };
  do {
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, dataset.path, "reading a row was cancelled.");
    if (!source->next(raw)) no_such_row();
    if (!format && !source->is_plain_text()) {
      format.emplace(dataset, source->parse(raw), row_place(dataset.path, raw));
    }
  } while (raw.index < file_row);

  const std::string place = row_place(dataset.path, raw);
  const Tokenizer& tokenizer = *parts_->tokenizer;
  const RowLabeller labeller(tokenizer, parts_->chat_template.get(), parts_->vocab_size, labels, stop);
  const auto index = static_cast<std::size_t>(example);
  LabelledRow labelled;
  if (source->is_plain_text()) {
    std::vector<LabelledRow> rows = labeller.label_stretch(raw.bytes, raw.last, place);
    if (index >= rows.size()) no_such_row();
    labelled = std::move(rows[index]);
  } else {
    const std::vector<RowContent> contents = format->read(source->parse(raw), place);
    if (index >= contents.size()) no_such_row();
    labelled = labeller.label(contents[index], place);
  }

  InspectedRow out;
  out.row.row = file_row;
  out.row.cut_tokens = labelled.cut_tokens;
  out.row.lost = labelled.lost;
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(0, most_tokens));
  labelled.input_ids.resize(std::min(labelled.input_ids.size(), most));
  labelled.labels.resize(labelled.input_ids.size());
  for (const std::int32_t id : labelled.input_ids) {
    out.row.pieces.push_back(tokenizer.piece(id));
    out.special.push_back(tokenizer.is_special(id));
    out.texts.push_back(tokenizer.decode({id}, false));
  }
  out.row.input_ids = std::move(labelled.input_ids);
  out.row.labels = std::move(labelled.labels);
  out.row.spans = std::move(labelled.spans);
  return out;
}

std::vector<std::string> RowInspector::texts(const DataSample& sample, std::int64_t row,
                                             const DatasetOptions& dataset) const {
  std::vector<std::string> out;
  const std::string place = sample.rows().at(row).place(sample.path());
  for (const RowContent& content : sample.rows().contents(row, dataset)) {
    std::string& text = out.emplace_back();
    if (const auto* given = std::get_if<GivenTokens>(&content)) {
      text = parts_->tokenizer->decode(given->input_ids, false);
      continue;
    }
    for (const TextPiece& piece :
         mark_text(content, {}, parts_->chat_template.get(), *parts_->tokenizer, place).pieces) {
      text += piece.text;
      if (piece.end_of_text && !text.ends_with(parts_->tokenizer->eos_token())) text += parts_->tokenizer->eos_token();
    }
  }
  return out;
}

}  // namespace vernier
