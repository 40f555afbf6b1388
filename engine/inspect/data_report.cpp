#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/data/load_dataset.h"
#include "engine/io/hf_config.h"
#include "vernier/data.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace vernier {
namespace {

using nlohmann::json;

json audit_to_json(const DatasetAudit& audit) {
  json lost = json::object();
  for (int i = 0; i < kNumLostReasons; ++i) {
    lost[std::string(to_string(static_cast<LostReason>(i)))] = audit.lost[static_cast<std::size_t>(i)];
  }
  json histogram = json::array();
  for (std::size_t bin = 0; bin < audit.length_histogram.size(); ++bin) {
    const std::int64_t from = std::int64_t{1} << bin;
    histogram.push_back({{"from", from}, {"to", 2 * from - 1}, {"rows", audit.length_histogram[bin]}});
  }
  return {{"rows", audit.rows},
          {"tokens", audit.tokens},
          {"labelled_tokens", audit.labelled_tokens},
          {"truncated", audit.truncated},
          {"cut_tokens", audit.cut_tokens},
          {"rows_without_labels", audit.lost_rows()},
          {"without_labels_by_reason", lost},
          {"empty", audit.empty},
          {"duplicates", audit.duplicates},
          {"double_bos", audit.double_bos},
          {"placeholders", audit.placeholders},
          {"special_tokens_in_content", audit.special_tokens},
          {"unclosed_turns", audit.unclosed_turns},
          {"length_histogram", histogram}};
}

std::string file_name(const DatasetOptions& options) {
  return std::filesystem::path(options.path).filename().string();
}

DataRow shown_row(std::int64_t index, const LabelledRow& row, const Tokenizer& tokenizer) {
  DataRow out;
  out.row = index;
  out.input_ids = row.input_ids;
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
  DataReport report;
  if (chat_template != nullptr) report.chat_template = options.chat_template.empty() ? "model" : options.chat_template;
  if (options.first_row) report.rows_shown.emplace();
  const double share = options.eval_dataset ? 0.5 : 1.0;
  const auto scan = [&](const DatasetOptions& dataset, const RowSink& sink, double done) {
    return scan_dataset(
        dataset, *tokenizer, chat_template.get(), vocab_size, options.labels, sink,
        [&](double fraction) {
          if (progress) progress(done + share * fraction);
        },
        stop);
  };
  const auto add_notes = [&](const DatasetAudit& audit, const DatasetOptions& dataset) {
    const std::string nothing = no_targets_message(audit, options.labels);
    if (!nothing.empty()) report.notes.push_back(file_name(dataset) + ": " + nothing);
    for (std::string& note : audit_notes(audit, options.labels, file_name(dataset))) {
      report.notes.push_back(std::move(note));
    }
  };

  FingerprintSet trained_on;
  ScannedDataset scanned = scan(
      options.dataset,
      [&](std::int64_t index, const LabelledRow& row, const Fingerprint& print) {
        if (options.eval_dataset && !row.lost) trained_on.insert(print);
        const bool shown =
            options.first_row && index >= *options.first_row && (options.last_row < 0 || index <= options.last_row);
        if (shown) report.rows_shown->push_back(shown_row(index, row, *tokenizer));
      },
      0.0);
  report.format = std::move(scanned.format);
  report.audit = std::move(scanned.audit);
  add_notes(report.audit, options.dataset);
  if (options.first_row && report.rows_shown->empty()) {
    fail(ErrorCode::kInvalidInput, file_name(options.dataset),
         "rows: got " + std::to_string(*options.first_row) + " as the first, expected one of its " +
             std::to_string(report.audit.rows) + " rows, counted from 0.");
  }
  if (!options.eval_dataset) return report;

  scanned = scan(
      *options.eval_dataset,
      [&](std::int64_t /*index*/, const LabelledRow& row, const Fingerprint& print) {
        if (!row.lost && trained_on.contains(print)) ++report.eval_overlap;
      },
      share);
  report.eval_format = std::move(scanned.format);
  report.eval_audit = std::move(scanned.audit);
  add_notes(*report.eval_audit, *options.eval_dataset);
  if (report.eval_overlap > 0) {
    report.notes.push_back(overlap_note(report.eval_overlap, report.eval_audit->rows - report.eval_audit->lost_rows()));
  }
  return report;
}

}  // namespace vernier
