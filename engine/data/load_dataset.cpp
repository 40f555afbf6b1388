#include "engine/data/load_dataset.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

#include "engine/data/row_fingerprint.h"
#include "engine/data/row_format.h"
#include "engine/data/row_labeller.h"
#include "engine/data/row_source.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// So much is read before it is worked on: enough for all threads, little beside the data set.
constexpr std::size_t kBatchRows = 1024;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
// Fewer rows than these are not worth starting threads.
constexpr std::size_t kRowsPerThread = 16;

// Runs work(i) for 0 .. count-1 on several threads. Rethrows the failure of the smallest i: indices are given out in
// order, so that all before a failing one are done.
template <typename Work>
void for_each_row(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::vector<std::exception_ptr> failures(count);
  const auto run = [&] {
    for (std::size_t i; !failed.load() && (i = next.fetch_add(1)) < count;) {
      try {
        work(i);
      } catch (...) {
        failures[i] = std::current_exception();
        failed = true;
      }
    }
  };
  {
    const std::size_t threads =
        std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), count / kRowsPerThread);
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run);
    run();
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

void count_row(const LabelledRow& row, DatasetAudit& audit) {
  ++audit.rows;
  audit.tokens += static_cast<std::int64_t>(row.input_ids.size());
  audit.labelled_tokens += count_row_targets(row.labels);
  audit.truncated += row.cut_tokens > 0 ? 1 : 0;
  audit.cut_tokens += row.cut_tokens;
  audit.empty += row.empty ? 1 : 0;
  audit.double_bos += row.double_bos ? 1 : 0;
  audit.placeholders += row.placeholder ? 1 : 0;
  audit.special_tokens += row.special_token ? 1 : 0;
  audit.unclosed_turns += row.unclosed_turn ? 1 : 0;
  audit.unrendered += row.unrendered ? 1 : 0;
  audit.unwritten_calls += row.unwritten_calls;
  audit.unwritten_tools += row.unwritten_tools ? 1 : 0;
  audit.ends_outside += row.end_outside ? 1 : 0;
  audit.lost_spans += row.lost_spans;
  if (row.lost) ++audit.lost[static_cast<std::size_t>(*row.lost)];
  const std::size_t length = row.input_ids.size() + static_cast<std::size_t>(row.cut_tokens);
  if (length == 0) return;
  const auto bin = static_cast<std::size_t>(std::bit_width(length) - 1);
  if (audit.length_histogram.size() <= bin) audit.length_histogram.resize(bin + 1);
  ++audit.length_histogram[bin];
}

}  // namespace

void require_plain_text(const DatasetOptions& options, const LabelOptions& labels) {
  const auto refuse = [&](const std::string& what) {
    fail(ErrorCode::kInvalidInput, options.path, "the file is plain text: " + what);
  };
  if (options.format != "auto" && options.format != "text") {
    refuse("got format " + options.format + ", expected text (rows of other formats come as JSONL, JSON or CSV).");
  }
  if (!options.columns.empty()) refuse("it has no columns to map.");
  if (labels.assistant_only_loss) refuse("assistant_only_loss needs messages. Turn it off.");
  if (labels.completion_only_loss) refuse("completion_only_loss needs a prompt and a completion. Turn it off.");
}

ScannedDataset scan_dataset(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                            const RowSink& sink, const std::function<void(double)>& progress, std::stop_token stop) {
  const RowLabeller labeller(reader.tokenizer, reader.chat_template, reader.vocab_size, labels, stop);
  const std::unique_ptr<RowSource> source = open_rows(options.path);
  std::optional<RowFormat> format;
  ScannedDataset out;
  out.audit.looks_like_table = source->looks_like_table();
  FingerprintSet seen;
  std::vector<RawRow> raw;
  std::vector<std::vector<LabelledRow>> labelled;
  for (bool more = true; more;) {
    std::size_t count = 0;
    for (std::size_t bytes = 0; count < kBatchRows && bytes < kBatchBytes; ++count) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, options.path, "reading the data was cancelled.");
      if (count == raw.size()) raw.emplace_back();
      if (more = source->next(raw[count]); !more) break;
      bytes += raw[count].bytes.size();
    }
    if (count > 0 && out.format.empty()) {
      if (source->is_plain_text()) {
        require_plain_text(options, labels);
        out.format = to_string(DataFormat::kText);
      } else {
        format.emplace(options, source->parse(raw[0]), row_place(options.path, raw[0]));
        out.format = to_string(format->format());
      }
    }
    labelled.assign(count, {});
    for_each_row(count, [&](std::size_t i) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, options.path, "reading the data was cancelled.");
      const std::string place = row_place(options.path, raw[i]);
      if (source->is_plain_text()) {
        labelled[i] = labeller.label_stretch(raw[i].bytes, raw[i].last, place);
        return;
      }
      for (const RowContent& content : format->read(source->parse(raw[i]), place)) {
        labelled[i].push_back(labeller.label(content, place));
      }
    });
    for (std::size_t i = 0; i < count; ++i) {
      std::int32_t example = 0;
      for (const LabelledRow& row : labelled[i]) {
        const Fingerprint print = row_fingerprint(row.input_ids, row.labels);
        const bool duplicate = !seen.insert(row.uncut).second;
        out.audit.duplicates += duplicate ? 1 : 0;
        const TokenRow token_row{row.input_ids,  row.labels, row.spans, out.audit.rows,
                                 row.cut_tokens, row.lost,   duplicate};
        sink({token_row, print, row, raw[i].index, example++});
        count_row(row, out.audit);
      }
    }
    if (progress) progress(source->fraction());
  }
  return out;
}

LoadedDataset loaded_dataset(TokenDataset rows, std::string format, DatasetAudit audit, const LabelOptions& labels) {
  LoadedDataset out;
  out.rows = rows.learnable(labels.drop_duplicates);
  out.all_rows = std::move(rows);
  out.format = std::move(format);
  out.audit = std::move(audit);
  return out;
}

LoadedDataset load_dataset(const DatasetOptions& options, const RowReader& reader, const LabelOptions& labels,
                           const std::function<void(double)>& progress, std::stop_token stop) {
  TokenDatasetBuilder builder;
  const auto keep = [&](const ScannedRow& row) { builder.append(row.row, row.print); };
  ScannedDataset scanned = scan_dataset(options, reader, labels, keep, progress, std::move(stop));
  return loaded_dataset(std::move(builder).finish(), std::move(scanned.format), std::move(scanned.audit), labels);
}

void require_targets(const LoadedDataset& dataset, const DatasetOptions& options, const LabelOptions& labels) {
  const std::string message = no_targets_message(dataset.audit, labels);
  if (!message.empty()) fail(ErrorCode::kInvalidInput, options.path, message);
}

}  // namespace vernier
