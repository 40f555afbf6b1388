#include "ui/pages/setup/evaluation_choice.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr double kFirstShare = 0.05;
constexpr double kLargestPercent = 90.0;

}  // namespace

EvaluationChoice::EvaluationChoice(DataSession& session, QWidget* parent)
    : QWidget(parent),
      data_(session),
      kind_box_(new QComboBox(this)),
      share_(new QDoubleSpinBox(this)),
      share_label_(new QLabel(tr("&Share"), this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* row = new QHBoxLayout;
  row->setSpacing(kSpaceSmall);
  auto* label = new QLabel(tr("Evaluate &on"), this);
  label->setBuddy(kind_box_);
  put_in_label_column(label);
  describe(kind_box_, "evaluationKind", tr("Evaluate on"),
           tr("Rows that the model does not learn from show whether it understands or only remembers."));
  kind_box_->addItem(tr("nothing"));
  kind_box_->addItem(tr("a share of the rows (eval_fraction)"));
  kind_box_->addItem(tr("another file (eval_dataset)"));
  row->addWidget(label);
  row->addWidget(kind_box_);
  share_label_->setBuddy(share_);
  describe(share_, "evalFraction", tr("Share of the rows to evaluate on, in per cent"),
           tr("So many of the rows are drawn by the seed and held back from training (eval_fraction)."));
  share_->setRange(0.1, kLargestPercent);
  share_->setDecimals(1);
  share_->setSingleStep(1.0);
  share_->setSuffix(tr(" %"));
  share_->setKeyboardTracking(false);
  row->addWidget(share_label_);
  row->addWidget(share_);
  row->addStretch(1);
  layout->addLayout(row);
  file_ = new PathField(
      data_.draft(),
      {"eval_dataset.path",
       tr("Evaluation fi&le"),
       tr("Rows of the same or another format; none of them is learnt from."),
       {}},
      PathField::Kind::kFile,
      [](const RunConfig& config) {
        return config.eval_dataset ? QString::fromStdString(config.eval_dataset->path) : QString();
      },
      [](RunConfig& config, const QString& path) {
        config.eval_dataset.reset();
        if (path.isEmpty()) return;
        config.eval_dataset = config.dataset;  // read in the same way
        config.eval_dataset->path = path.toStdString();
        config.eval_fraction = 0.0;
      },
      this);
  layout->addWidget(file_);
  overlap_ = new SwitchField(
      data_.draft(),
      {"drop_eval_overlap",
       tr("Dro&p overlap"),
       tr("Rows that are trained on are not evaluated on: their loss falls even where nothing general is learnt."),
       {}},
      [](const RunConfig& config) { return config.drop_eval_overlap; },
      [](RunConfig& config, bool on) { config.drop_eval_overlap = on; }, this);
  layout->addWidget(overlap_);
  counts_ = make_note({}, this);
  counts_->setObjectName(QStringLiteral("splitCounts"));
  add_note(layout, counts_);

  connect(kind_box_, &QComboBox::activated, this, &EvaluationChoice::choose);
  connect(share_, &QDoubleSpinBox::valueChanged, this, [this](double percent) {
    data_.draft().edit(
        tr("change eval_fraction"), [percent](RunConfig& config) { config.eval_fraction = percent / 100.0; },
        QStringLiteral("eval_fraction"));
  });
  connect(&data_.draft(), &RunDraft::changed, this, &EvaluationChoice::refresh);
  // These alone may come before the fields have heard of a change of the draft: what is shown of them stays.
  connect(&data_, &DataSession::sampleChanged, this, &EvaluationChoice::show_counts);
  connect(&data_, &DataSession::scanChanged, this, &EvaluationChoice::show_counts);
  refresh();
}

EvaluationChoice::Kind EvaluationChoice::kind() const {
  if (data_.config().eval_dataset) return kFile;
  return data_.config().eval_fraction > 0.0 ? kShare : wants_file_ ? kFile : kNothing;
}

void EvaluationChoice::choose(int kind) {
  wants_file_ = kind == kFile;
  data_.draft().edit(tr("change what is evaluated on"), [kind](RunConfig& config) {
    if (kind != kFile) config.eval_dataset.reset();
    config.eval_fraction = kind == kShare ? (config.eval_fraction > 0.0 ? config.eval_fraction : kFirstShare) : 0.0;
  });
  refresh();
  if (kind == kFile) file_->control()->setFocus();
}

QString EvaluationChoice::counts() const {
  const qint64 training = data_.training_rows(), evaluation = data_.evaluation_rows();
  if (training >= 0 && evaluation > 0) {
    const QString counts = tr("%1 rows to train on, %2 to evaluate on, each with something to learn.")
                               .arg(grouped(training), grouped(evaluation));
    if (!data_.config().drop_eval_overlap) return counts;
    return tr("%1 Those of the latter that are trained on are left out; the check counts them.").arg(counts);
  }
  if (training >= 0 && kind() == kNothing) {
    return tr("%1 rows to train on. Nothing tells then whether the model understands or only remembers.")
        .arg(grouped(training));
  }
  if (kind() == kShare && data_.sample()) {
    const qint64 rows = data_.sample()->rows_guess();
    const auto held = static_cast<qint64>(std::ceil(static_cast<double>(rows) * data_.config().eval_fraction));
    return data_.sample()->is_whole()
               ? tr("%1 rows to train on, %2 to evaluate on.").arg(grouped(rows - held), grouped(held))
               : tr("About %1 rows to train on, %2 to evaluate on.").arg(grouped(rows - held), grouped(held));
  }
  return {};
}

QString EvaluationChoice::problem() const {
  const auto& eval = data_.config().eval_dataset;
  if (eval && !QFileInfo(QString::fromStdString(eval->path)).isFile()) {
    return tr("The file to evaluate on is not there: %1").arg(QString::fromStdString(eval->path));
  }
  if (kind() == kShare && data_.training_rows() == 0) {
    return tr("The share to evaluate on leaves no row to train on.");
  }
  return {};
}

QString EvaluationChoice::summary() const {
  if (const qint64 rows = data_.evaluation_rows(); rows > 0) return tr("%1 held out").arg(grouped(rows));
  if (data_.config().eval_dataset) {
    return tr("evaluated on %1").arg(QFileInfo(QString::fromStdString(data_.config().eval_dataset->path)).fileName());
  }
  return kind() == kShare ? tr("%1 held out").arg(percent(data_.config().eval_fraction, 1)) : QString();
}

void EvaluationChoice::refresh() {
  if (data_.config().eval_dataset) wants_file_ = false;
  const Kind now = kind();
  const QSignalBlocker quiet_kind(kind_box_), quiet_share(share_);
  kind_box_->setCurrentIndex(now);
  if (now == kShare) share_->setValue(data_.config().eval_fraction * 100.0);
  share_->setVisible(now == kShare);
  share_label_->setVisible(now == kShare);
  file_->setVisible(now == kFile);
  overlap_->setVisible(now != kNothing);
  file_->set_problem(now == kFile && data_.config().eval_dataset ? problem() : QString());
  show_counts();
}

void EvaluationChoice::show_counts() {
  counts_->setText(counts());
  counts_->setVisible(!counts_->text().isEmpty());
}

}  // namespace vernier::ui
