#include "ui/pages/setup/labels_step.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>

#include "ui/pages/describe.h"
#include "ui/pages/setup/setup_section.h"
#include "ui/session/workbench.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/label_words.h"

namespace vernier::ui {
namespace {

constexpr auto kCountsInterval = std::chrono::milliseconds(150);
constexpr int kProgressSteps = 1000;

int to_int(qint64 count) {
  return static_cast<int>(count);
}

QString lost_id(LostReason reason) {
  return QStringLiteral("lost%1").arg(static_cast<int>(reason));
}

}  // namespace

LabelsStep::LabelsStep(Workbench& workbench, Actions&, QWidget* parent)
    : SetupStep(parent), data_(DataSession::of(workbench)) {
  setObjectName(QStringLiteral("labelsStep"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(make_choice());
  layout->addWidget(make_lengths());
  layout->addWidget(make_rows(), 1);
  counts_timer_.setSingleShot(true);
  counts_timer_.setInterval(kCountsInterval);
  connect(&counts_timer_, &QTimer::timeout, this, &LabelsStep::show_counts);
  connect(&data_.draft(), &RunDraft::changed, this, &LabelsStep::refresh);
  connect(&data_, &DataSession::readingChanged, this, &LabelsStep::refresh);
  connect(&data_, &DataSession::inspectorChanged, this, &LabelsStep::refresh);
  connect(&data_, &DataSession::scanChanged, this, &LabelsStep::follow_scan);
  show_counts();
}

QWidget* LabelsStep::make_choice() {
  auto* section =
      new SetupSection("labelsChoice", tr("What is learnt"),
                       tr("A token with a label is a target that the loss is counted on. The others are masked "
                          "(-100): the model reads them and is not asked to say them."),
                       this);
  section->stand_first();
  choice_ = new LabelChoice(data_, section);
  section->add(choice_);
  findings_ = new FindingList(section);
  findings_->setObjectName(QStringLiteral("labelsFindings"));
  connect(findings_, &FindingList::actionTriggered, this, &LabelsStep::act);
  section->add(findings_);
  progress_line_ = new QWidget(section);
  auto* row = new QHBoxLayout(progress_line_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kSpaceSmall);
  progress_ = new QProgressBar(progress_line_);
  progress_->setObjectName(QStringLiteral("scanProgress"));
  progress_->setAccessibleName(tr("How much of the data is read"));
  progress_->setRange(0, kProgressSteps);
  progress_->setTextVisible(false);
  row->addWidget(progress_, 1);
  progress_text_ = make_note({}, progress_line_, false);
  progress_text_->setObjectName(QStringLiteral("scanProgressText"));
  row->addWidget(progress_text_);
  stop_ = new QPushButton(tr("Stop reading"), progress_line_);
  describe(stop_, "stopScan", tr("Stop reading the rows"),
           tr("Keeps what was read so far. The counts are then of these rows alone."));
  connect(stop_, &QPushButton::clicked, &data_, &DataSession::stop_scans);
  row->addWidget(stop_);
  again_ = new QPushButton(tr("Read all rows"), progress_line_);
  describe(again_, "scanAgain", tr("Read all rows"), tr("Reads every row of the data again, from the first one."));
  connect(again_, &QPushButton::clicked, &data_, &DataSession::scan_again);
  row->addWidget(again_);
  section->add(progress_line_);
  return section;
}

QWidget* LabelsStep::make_lengths() {
  auto* section = new SetupSection("labelsLengths", tr("How long the rows are"), {}, this);
  lengths_ = new LengthHistogram(section);
  lengths_->setMinimumHeight(7 * fontMetrics().height());
  section->add(lengths_);
  effect_ = make_note({}, section);
  effect_->setObjectName(QStringLiteral("lengthEffect"));
  auto* line = new QWidget(section);
  auto* column = new QVBoxLayout(line);
  column->setContentsMargins(0, 0, 0, 0);
  add_note(column, effect_);
  section->add(line);
  connect(lengths_, &LengthHistogram::lineMoved, this,
          [this](int tokens) { LabelChoice::set_max_length(data_.draft(), tokens); });
  return section;
}

QWidget* LabelsStep::make_rows() {
  auto* section = new SetupSection(
      "labelsRows", tr("Every row, looked through"),
      tr("Filled: learnt. Hatched: only read. Dashed: cut away. Choose a row to read it token by token."), this);
  xray_ = new RowXray(data_, section);
  section->add(xray_);
  connect(xray_, &RowXray::setChanged, this, &LabelsStep::show_counts);
  return section;
}

void LabelsStep::follow_scan(RowSet) {
  refresh_progress();
  // The end at once, what comes before it a few times a second.
  const bool works = std::any_of(kRowSets.begin(), kRowSets.end(),
                                 [this](RowSet set) { return data_.scan(set).stage == Stage::kWorking; });
  if (!works) {
    show_counts();
  } else if (!counts_timer_.isActive()) {
    counts_timer_.start();
  }
}

void LabelsStep::show_counts() {
  counts_timer_.stop();
  const RowsScan& scan = data_.scan(xray_->set());
  if (scan.rows.empty()) {
    lengths_->clear(tr("How many rows have how many tokens stands here once they are read."));
  } else {
    lengths_->setCounts(scan.rows.rows_by_length());
  }
  refresh();
}

void LabelsStep::refresh_progress() {
  double progress = 0.0;
  qint64 rows = 0;
  int sets = 0;
  bool works = false, stopped = false;
  for (const RowSet set : kRowSets) {
    const RowsScan& scan = data_.scan(set);
    if (scan.stage == Stage::kNone) continue;
    ++sets;
    progress += scan.stage == Stage::kReady ? 1.0 : scan.progress;
    rows += static_cast<qint64>(scan.rows.size());
    works = works || scan.stage == Stage::kWorking;
    stopped = stopped || scan.stage == Stage::kStopped || scan.stage == Stage::kFailed;
  }
  progress_->setValue(sets == 0 ? 0 : static_cast<int>(kProgressSteps * progress / sets));
  progress_text_->setText(works ? tr("%1 rows read").arg(grouped(rows)) : tr("Stopped at %1 rows").arg(grouped(rows)));
  progress_->setVisible(works);
  stop_->setVisible(works);
  again_->setVisible(!works && stopped);
  progress_line_->setVisible(works || stopped);
}

bool LabelsStep::learns_prompts() const {
  const RunConfig& config = data_.config();
  const std::string format = data_.reading() ? data_.reading()->format : std::string();
  return LabelChoice::learnt(config) == LabelChoice::kEverything && (has_turns(format) || has_completions(format));
}

void LabelsStep::add_lost(RowSet set, const LengthEffect& effect, QList<Finding>& out) const {
  const bool is_training = set == RowSet::kTraining;
  if (effect.rows == 0) {
    out.append({QStringLiteral("none"),
                StateShape::kOctagon,
                is_training ? tr("There are no rows to train on: a run would refuse the file.")
                            : tr("There are no rows to evaluate on: a run would refuse the file."),
                {},
                {}});
    return;
  }
  const bool nothing = effect.learnable() == 0;
  const auto most = static_cast<int>(std::max_element(effect.lost.begin(), effect.lost.end()) - effect.lost.begin());
  if (nothing) {
    out.append(
        {QStringLiteral("nothing"),
         StateShape::kOctagon,
         (is_training ? tr("None of the %1 rows to train on has a token to learn, and a run would refuse them. "
                           "Most likely: %2. %3")
                      : tr("None of the %1 rows to evaluate on has a token to learn, and a run would refuse them. "
                           "Most likely: %2. %3"))
             .arg(grouped(effect.rows), lost_name(static_cast<LostReason>(most)),
                  lost_advice(static_cast<LostReason>(most))),
         {},
         {}});
  }
  for (int i = 0; i < kNumLostReasons; ++i) {
    const qint64 count = effect.lost[static_cast<std::size_t>(i)];
    if (count == 0) continue;
    const auto reason = static_cast<LostReason>(i);
    out.append(
        {(is_training ? QString() : QStringLiteral("eval")) + lost_id(reason),
         nothing ? StateShape::kOctagon : StateShape::kTriangle,
         with_grouped(is_training ? tr("Rows to train on that lost every label: %n, %1. %2", nullptr, to_int(count))
                                  : tr("Rows to evaluate on that lost every label: %n, %1. %2", nullptr, to_int(count)),
                      count)
             .arg(lost_name(reason), nothing && i == most ? QString() : lost_advice(reason))
             .trimmed(),
         tr("Show them"), tr("Shows only the rows that lost every label for this reason.")});
  }
}

void LabelsStep::add_flags(const LabelRows& rows, QList<Finding>& out) const {
  const auto flag = [&](LabelFlag which, const char* id, StateShape shape, const QString& sentence) {
    if (rows.flagged(which) == 0) return;
    out.append({QString::fromLatin1(id), shape, with_grouped(sentence, rows.flagged(which)), tr("Show them"),
                tr("Shows only these rows.")});
  };
  const auto count = [&](LabelFlag which) { return to_int(rows.flagged(which)); };
  flag(kFlagUnclosedTurn, "unclosed", StateShape::kTriangle,
       tr("Rows that end the assistant's last turn without a special token: %n. A model that learns from them does not "
          "learn "
          "to stop. Choose another chat template.",
          nullptr, count(kFlagUnclosedTurn)));
  flag(kFlagPlaceholder, "placeholder", StateShape::kTriangle,
       tr("Rows with a placeholder such as {{name}} that was never filled in: %n.", nullptr, count(kFlagPlaceholder)));
  flag(kFlagSpecialToken, "special", StateShape::kTriangle,
       tr("Rows that spell a special token in their content: %n. The model reads it as the token itself.", nullptr,
          count(kFlagSpecialToken)));
  flag(kFlagDuplicate, "duplicate", StateShape::kInfo,
       data_.config().drop_duplicates
           ? tr("Exact duplicates of an earlier row: %n. They are left out (drop_duplicates).", nullptr,
                count(kFlagDuplicate))
           : tr("Exact duplicates of an earlier row: %n. They count as often as they stand there.", nullptr,
                count(kFlagDuplicate)));
  flag(kFlagDoubleBos, "bos", StateShape::kInfo,
       tr("Rows that bring a BOS of their own: %n. The tokenizer's second one is left out.", nullptr,
          count(kFlagDoubleBos)));
}

QList<Finding> LabelsStep::findings() const {
  QList<Finding> out;
  if (data_.inspector_stage() == Stage::kFailed) {
    out.append({QStringLiteral("model"), StateShape::kOctagon, data_.inspector_problem(), {}, {}});
  }
  for (const RowSet set : kRowSets) {
    const RowsScan& scan = data_.scan(set);
    if (scan.stage == Stage::kFailed) {
      // Most often the options ask for what the rows do not tell apart.
      const bool asks = LabelChoice::learnt(data_.config()) != LabelChoice::kEverything;
      out.append({QStringLiteral("refused"), StateShape::kOctagon, scan.problem,
                  asks ? tr("Learn everything") : QString(),
                  tr("Makes every token a target, which rows of any format allow.")});
    }
    if (scan.stage == Stage::kStopped) {
      out.append({QStringLiteral("stopped"),
                  StateShape::kTriangle,
                  tr("Not all rows were read: what stands here is of the first %1.")
                      .arg(grouped(static_cast<qint64>(scan.rows.size()))),
                  {},
                  {}});
    }
    if (scan.stage != Stage::kReady) continue;
    const LengthEffect effect = scan.rows.effect(data_.cut_at(set));
    add_lost(set, effect, out);
    if (set != RowSet::kTraining) continue;
    if (effect.truncated > 0) {
      out.append({QStringLiteral("truncated"), StateShape::kTriangle,
                  with_grouped(tr("Rows longer than max_length: %n. %1 of their tokens are cut away.", nullptr,
                                  to_int(effect.truncated)),
                               effect.truncated)
                      .arg(grouped(effect.cut_tokens)),
                  tr("Show them"), tr("Shows only the rows that are cut.")});
    }
    add_flags(scan.rows, out);
    if (learns_prompts()) {
      const bool completions = data_.reading() && has_completions(data_.reading()->format);
      out.append({QStringLiteral("prompts"),
                  StateShape::kInfo,
                  tr("The prompts are learnt too. Usually only the answers are."),
                  completions ? tr("Learn the completion only") : tr("Learn the assistant's turns only"),
                  {}});
    }
  }
  return out;
}

void LabelsStep::act(const QString& finding) {
  const auto reason_of = [](const QString& id) { return static_cast<LostReason>(id.right(1).toInt()); };
  if (finding.startsWith(QLatin1String("lost")) || finding.startsWith(QLatin1String("evallost"))) {
    xray_->show_set(finding.startsWith(QLatin1String("eval")) ? RowSet::kEvaluation : RowSet::kTraining);
    xray_->show_lost(reason_of(finding));
  } else if (finding == QLatin1String("refused")) {
    LabelChoice::learn(data_.draft(), LabelChoice::kEverything);
    choice_->take_focus();  // the button is gone
  } else if (finding == QLatin1String("prompts")) {
    const bool completions = data_.reading() && has_completions(data_.reading()->format);
    LabelChoice::learn(data_.draft(), completions ? LabelChoice::kCompletion : LabelChoice::kAssistant);
    choice_->take_focus();
  } else {
    show_rows(finding);
  }
}

void LabelsStep::show_rows(const QString& which) {
  xray_->show_set(RowSet::kTraining);
  if (which == QLatin1String("all")) xray_->show_all();
  if (which == QLatin1String("lost")) xray_->show_lost();
  if (which == QLatin1String("truncated")) xray_->show_truncated();
  if (which == QLatin1String("unclosed")) xray_->show_flagged(kFlagUnclosedTurn);
  if (which == QLatin1String("placeholder")) xray_->show_flagged(kFlagPlaceholder);
  if (which == QLatin1String("special")) xray_->show_flagged(kFlagSpecialToken);
  if (which == QLatin1String("duplicate")) xray_->show_flagged(kFlagDuplicate);
  if (which == QLatin1String("bos")) xray_->show_flagged(kFlagDoubleBos);
}

QString LabelsStep::effect_text() const {
  const RowsScan& scan = data_.scan(xray_->set());
  if (scan.rows.empty()) return {};
  const std::int32_t cut_at = data_.cut_at(xray_->set());
  const LengthEffect effect = scan.rows.effect(cut_at);
  const QString share =
      percent(effect.tokens == 0 ? 0.0 : static_cast<double>(effect.targets) / static_cast<double>(effect.tokens), 1);
  const QString learnt =
      tr("%1 of %2 tokens are learnt (%3).").arg(grouped(effect.targets), grouped(effect.tokens), share);
  if (cut_at == 0) {
    return tr("No row is cut: a longer one becomes several of max_length tokens. %1 Without any label: %2 rows.")
        .arg(learnt, grouped(effect.lost_rows()));
  }
  return tr("%1 of %2 rows are cut, %3 tokens in all; %4 rows have no label left. %5")
      .arg(grouped(effect.truncated), grouped(effect.rows), grouped(effect.cut_tokens), grouped(effect.lost_rows()),
           learnt);
}

void LabelsStep::refresh() {
  lengths_->setCutsRows(data_.cut_at(xray_->set()) > 0);
  lengths_->setLine(static_cast<int>(std::clamp<std::int64_t>(data_.config().max_length, 1, LabelRows::kMaxLength)));
  effect_->setText(effect_text());
  findings_->setFindings(findings());
  refresh_progress();
  Q_EMIT stateChanged();
}

SetupStep::State LabelsStep::state() const {
  if (data_.config().batch) return State::kGood;
  State out = State::kGood;
  for (const Finding& finding : findings()) {
    if (finding.shape == StateShape::kOctagon) return State::kBad;
    if (finding.shape == StateShape::kTriangle) out = State::kWarning;
  }
  const Stage stage = data_.scan(RowSet::kTraining).stage;
  return stage == Stage::kReady || stage == Stage::kStopped ? out : State::kEmpty;
}

QString LabelsStep::summary() const {
  if (data_.config().batch) return tr("The batch file's own labels");
  // What is missing stands whole in the Data step.
  if (data_.reading() && !data_.reading()->problem.empty()) return tr("Waits for the data's columns");
  for (const Finding& finding : findings()) {
    if (finding.shape == StateShape::kOctagon) return finding.sentence;
  }
  const RowsScan& scan = data_.scan(RowSet::kTraining);
  switch (scan.stage) {
    case Stage::kNone:
      return tr("Needs a model and data");
    case Stage::kWorking:
      return tr("Reading the rows: %1").arg(percent(scan.progress, 0));
    case Stage::kFailed:
      return scan.problem;
    case Stage::kReady:
    case Stage::kStopped:
      break;
  }
  const LengthEffect effect = scan.rows.effect(data_.cut_at(RowSet::kTraining));
  const double share =
      effect.tokens == 0 ? 0.0 : static_cast<double>(effect.targets) / static_cast<double>(effect.tokens);
  // Nearly all is not all: a row's first token is never a target.
  const bool is_nearly_all = share < 1.0 && share >= 0.995;
  QStringList parts = {tr("%1 of the tokens learnt").arg(percent(share, is_nearly_all ? 1 : 0))};
  const auto add = [&parts](const QString& words, qint64 count) {
    if (count > 0) parts << with_grouped(words, count);
  };
  add(tr("rows cut: %n", nullptr, to_int(effect.truncated)), effect.truncated);
  add(tr("rows lost: %n", nullptr, to_int(effect.lost_rows())), effect.lost_rows());
  return parts.join(QStringLiteral("\u00a0\u00b7 "));
}

void LabelsStep::take_focus() {
  xray_->take_focus();
}

}  // namespace vernier::ui
