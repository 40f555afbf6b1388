#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/data/cached_dataset.h"
#include "engine/data/dataset_audit.h"
#include "engine/io/hf_config.h"
#include "vernier/data.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {
namespace {

using nlohmann::json;

std::string file_name(const DatasetOptions& options) {
  return std::filesystem::path(options.path).filename().string();
}

DataRow shown_row(const TokenRow& row, const Tokenizer& tokenizer) {
  DataRow out;
  out.row = row.source_row;
  out.input_ids.assign(row.input_ids.begin(), row.input_ids.end());
  out.labels = row.labels;
  out.spans = row.spans;
  out.cut_tokens = row.cut_tokens;
  out.lost = row.lost;
  for (const std::int32_t id : row.input_ids) out.pieces.push_back(tokenizer.piece(id));
  return out;
}

}  // namespace

json DataRow::to_json() const {
  json mask = json::array();
  for (const std::int32_t label : labels) mask.push_back(label == kNoLabel ? 0 : 1);
  json stretches = json::array();
  for (const LabelSpan& span : spans) {
    stretches.push_back({{"begin", span.begin},
                         {"end", span.end},
                         {"labelled", is_labelled(span.reason)},
                         {"reason", std::string(to_string(span.reason))}});
  }
  return {{"row", row},
          {"input_ids", input_ids},
          {"pieces", pieces},
          {"labels", labels},
          {"label_mask", mask},
          {"spans", stretches},
          {"cut_tokens", cut_tokens},
          {"without_labels_because", lost ? json(std::string(to_string(*lost))) : json()}};
}

json DataReport::to_json() const {
  json out = audit_to_json(audit);
  out["format"] = format;
  out["chat_template"] = chat_template.empty() ? json() : json(chat_template);
  out["notes"] = notes;
  if (eval_audit) {
    json eval = audit_to_json(*eval_audit);
    eval["format"] = eval_format;
    eval["overlap"] = eval_overlap;
    out["eval"] = std::move(eval);
  }
  if (rows_shown) {
    json list = json::array();
    for (const DataRow& row : *rows_shown) list.push_back(row.to_json());
    out["rows_shown"] = std::move(list);
  }
  return out;
}

DataReport inspect_data(const std::string& model_dir, const DataOptions& options,
                        const std::function<void(double)>& progress, std::stop_token stop) {
  const std::int64_t vocab_size = read_model_config(model_dir).vocab_size;
  const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load(model_dir);
  const std::unique_ptr<ChatTemplate> chat_template = choose_chat_template(options.chat_template, model_dir);
  const RowReader reader{*tokenizer, chat_template.get(), vocab_size, row_reader_key(model_dir, options.chat_template)};
  DataReport report;
  if (chat_template != nullptr) report.chat_template = options.chat_template.empty() ? "model" : options.chat_template;
  const double share = options.eval_dataset ? 0.5 : 1.0;
  const auto load = [&](const DatasetOptions& dataset, double done) {
    LoadedDataset loaded = load_cached_dataset(
        dataset, reader, options.labels, token_cache_folder(),
        [&](double fraction) {
          if (progress) progress(done + share * fraction);
        },
        stop);
    if (loaded.audit.rows == 0) fail(ErrorCode::kInvalidInput, dataset.path, kNoRows);
    for (std::string& note : loaded.notes) report.notes.push_back(std::move(note));
    const std::string nothing = no_targets_message(loaded.audit, options.labels);
    if (!nothing.empty()) report.notes.push_back(file_name(dataset) + ": " + nothing);
    if (options.labels.drop_duplicates && loaded.audit.duplicates > 0) {
      report.notes.push_back(dropped_duplicates(loaded.audit, file_name(dataset)));
    }
    for (const DataNote& note : audit_notes(loaded.audit, options.labels, file_name(dataset))) {
      report.notes.push_back(note.text());
    }
    return loaded;
  };

  LoadedDataset loaded = load(options.dataset, 0.0);
  report.format = std::move(loaded.format);
  report.audit = std::move(loaded.audit);
  if (options.first_row) {
    const std::int64_t rows = report.audit.rows;
    const std::int64_t end = options.last_row < 0 ? rows : std::min(rows, options.last_row + 1);
    report.rows_shown.emplace();
    for (std::int64_t i = *options.first_row; i < end; ++i) {
      report.rows_shown->push_back(shown_row(loaded.all_rows.row(i), *tokenizer));
    }
    if (report.rows_shown->empty()) {
      fail(ErrorCode::kInvalidInput, file_name(options.dataset),
           "rows: got " + std::to_string(*options.first_row) + " as the first, expected one of its " +
               std::to_string(rows) + " rows, counted from 0.");
    }
  }
  if (!options.eval_dataset) return report;

  LoadedDataset evaluation = load(*options.eval_dataset, share);
  report.eval_overlap = std::ssize(overlap_of(loaded.rows, evaluation.rows));
  report.eval_format = std::move(evaluation.format);
  report.eval_audit = std::move(evaluation.audit);
  if (report.eval_overlap > 0) {
    report.notes.push_back(overlap_note(report.eval_overlap, evaluation.rows.size()).text());
  }
  return report;
}

}  // namespace vernier
