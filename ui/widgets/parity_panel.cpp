#include "ui/widgets/parity_panel.h"

#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <algorithm>
#include <array>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/parity_path.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kIconSize = 24;
constexpr int kSmallIcon = 14;

QString path_lesson(ParityPath path) {
  switch (path) {
    case ParityPath::kTrain:
      return ParityPanel::tr("The training path: what backward sees.");
    case ParityPath::kEval:
      return ParityPanel::tr("The evaluation path: the same decoder without dropout.");
    case ParityPath::kDecode:
      return ParityPanel::tr("The KV-cache path: token by token, as generation does it.");
  }
  return {};
}

QString word_of(ParityVerdict verdict) {
  return engine_text(to_string(verdict));
}

struct Figure {
  const char* title;
  const char* lesson;
  QString (*text)(const ParityPathReport&);
  bool is_newer = false;  // not in reports of versions that did not tell their thresholds
};

// One figure a row; each tooltip says what it is for.
const std::array<Figure, 9>& figures() {
  static const std::array<Figure, 9> kFigures = {{
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Verdict"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel",
                         "Agrees: the differences are those of rounding. Drifting: more than that. "
                         "Differs: another computation."),
       [](const ParityPathReport& path) { return word_of(path.verdict); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Deviation"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel",
                         "What the verdict judges: the worst position's logit differences for each unit of the logits' "
                         "spread, or the worst token's loss difference, whichever is larger."),
       [](const ParityPathReport& path) { return figure(path.deviation, 3); }, true},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Loss"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Loss per token on this path, nats."),
       [](const ParityPathReport& path) { return figure(path.loss_per_token, 6); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Loss difference"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "How far the loss per token lies from the reference's, nats."),
       [](const ParityPathReport& path) { return figure(path.loss_difference, 3); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Mean |Δ logit|"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel",
                         "Mean absolute difference over all logits. Rounding alone stays near 1e-6 to "
                         "1e-4 in float32."),
       [](const ParityPathReport& path) { return figure(path.mean_abs_logit_difference, 3); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Max |Δ logit|"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "The largest difference of a single logit."),
       [](const ParityPathReport& path) { return figure(path.max_abs_logit_difference, 3); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Same arg-max"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Share of positions where both would say the same token next."),
       [](const ParityPathReport& path) { return percent(path.argmax_agreement); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "KL, nats"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel",
                         "Kullback-Leibler divergence from the reference's distribution, mean over "
                         "positions. 0: the same distribution."),
       [](const ParityPathReport& path) { return figure(path.mean_kl, 3); }},
      {QT_TRANSLATE_NOOP("vernier::ui::ParityPanel", "Top arg-max"),
       QT_TRANSLATE_NOOP("vernier::ui::ParityPanel",
                         "Share of positions that would say the most frequent token. Near 100 %: the "
                         "path has collapsed to one answer."),
       [](const ParityPathReport& path) { return percent(path.top_argmax_share); }},
  }};
  return kFigures;
}

// A verdict's shape stands with its word, both at the right.
class VerdictDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    option->decorationPosition = QStyleOptionViewItem::Right;
  }
};

QTableWidgetItem* make_item(const QString& text, const QString& lesson, Qt::Alignment side) {
  auto* item = new QTableWidgetItem(text);
  item->setToolTip(lesson);
  item->setTextAlignment(Qt::AlignVCenter | side);
  return item;
}

// "All 12 checks so far agree.", or where to look.
QString tally(const std::vector<ParityReport>& reports) {
  const auto agrees = [](const ParityReport& report) { return report.verdict == ParityVerdict::kAgrees; };
  const auto bad = std::find_if_not(reports.begin(), reports.end(), agrees);
  const QString count = grouped(static_cast<qint64>(reports.size()));
  if (reports.size() == 1) return ParityPanel::tr("The only check so far.");
  if (bad == reports.end()) return ParityPanel::tr("All %1 checks so far agree.").arg(count);
  return ParityPanel::tr("%1 of %2 checks agree; the first that does not is that of step %3.")
      .arg(grouped(std::count_if(reports.begin(), reports.end(), agrees)), count, grouped(bad->step));
}

}  // namespace

ParityPanel::ParityPanel(QWidget* parent)
    : QWidget(parent),
      empty_(new EmptyState(this)),
      scroller_(new QScrollArea(this)),
      icon_(new QLabel(this)),
      summary_(new QLabel(this)),
      history_(new QComboBox(this)),
      tally_(new QLabel(this)),
      reference_(new QLabel(this)),
      table_(new QTableWidget(this)),
      causes_(new QLabel(this)) {
  setObjectName("parityPanel");
  setAccessibleName(tr("Parity report"));
  empty_->setObjectName("parityEmpty");
  empty_->setTitle(tr("No parity check yet"));
  empty_->setExplanation(
      tr("Here the training, evaluation and KV-cache paths stand side by side against a plain reference on the same "
         "batch. \u201cCheck parity now\u201d makes a check after the current step of a run that goes on; "
         "\u201cparity_check\u201d in the run file makes one every so many steps."));

  summary_->setObjectName("paritySummary");
  summary_->setAccessibleName(tr("What the check found"));
  summary_->setWordWrap(true);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  history_->setObjectName("parityHistory");
  history_->setAccessibleName(tr("Checks so far"));
  history_->setToolTip(
      tr("All checks of this run, newest first. A verdict that changes at one step tells where to look."));
  history_->setIconSize(QSize(kSmallIcon, kSmallIcon));
  tally_->setObjectName("parityTally");
  tally_->setWordWrap(true);
  reference_->setObjectName("parityReference");
  reference_->setWordWrap(true);
  causes_->setObjectName("parityCauses");
  causes_->setAccessibleName(tr("Likely causes"));
  causes_->setWordWrap(true);
  causes_->setTextFormat(Qt::RichText);
  causes_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  makeTable();

  auto* content = new QWidget(scroller_);
  auto* grid = new QGridLayout(content);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(8);
  grid->addWidget(icon_, 0, 0, Qt::AlignTop);
  grid->addWidget(summary_, 0, 1);
  grid->addWidget(history_, 1, 0, 1, 2);
  grid->addWidget(tally_, 2, 0, 1, 2);
  grid->addWidget(table_, 3, 0, 1, 2);
  grid->addWidget(reference_, 4, 0, 1, 2);
  grid->addWidget(causes_, 5, 0, 1, 2);
  grid->setRowStretch(6, 1);
  grid->setColumnStretch(1, 1);
  scroller_->setObjectName("parityScroller");
  scroller_->setFrameShape(QFrame::NoFrame);
  scroller_->setFocusPolicy(Qt::NoFocus);  // what is in it can be reached
  scroller_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroller_->setWidgetResizable(true);
  scroller_->setWidget(content);

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(empty_);
  layout->addWidget(scroller_);
  scroller_->hide();
  setFocusProxy(history_);
  connect(history_, &QComboBox::currentIndexChanged, this, [this](int row) {
    if (row >= 0) show(static_cast<int>(reports_.size()) - 1 - row);
  });
}

void ParityPanel::makeTable() {
  table_->setObjectName("parityTable");
  table_->setAccessibleName(tr("Every path against the reference"));
  table_->setToolTip(
      tr("Each path computes the same batch; the figures say how far it lies from the plain reference."));
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setTabKeyNavigation(false);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setRowCount(static_cast<int>(figures().size()));
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setItemDelegate(new VerdictDelegate(table_));
  table_->setIconSize(QSize(kSmallIcon, kSmallIcon));
  table_->setFrameShape(QFrame::NoFrame);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
}

void ParityPanel::setReports(const std::vector<ParityReport>& reports) {
  const bool follows = shown_ < 0 || shown_ + 1 == static_cast<int>(reports_.size());
  const qint64 step = shownStep();
  reports_ = reports;
  empty_->setVisible(reports_.empty());
  scroller_->setVisible(!reports_.empty());
  int index = static_cast<int>(reports_.size()) - 1;
  for (int i = 0; !follows && i < static_cast<int>(reports_.size()); ++i) {
    if (reports_[static_cast<std::size_t>(i)].step == step) index = i;
  }
  {
    const QSignalBlocker quiet(history_);
    history_->clear();
    for (auto report = reports_.rbegin(); report != reports_.rend(); ++report) {
      history_->addItem(state_icon(shape_of(report->verdict), palette(), kSmallIcon),
                        tr("Step %1: %2").arg(grouped(report->step), word_of(report->verdict)));
    }
    history_->setCurrentIndex(static_cast<int>(reports_.size()) - 1 - index);
  }
  tally_->setText(tally(reports_));
  shown_ = -1;
  if (index >= 0) show(index);
}

void ParityPanel::showReport(int index) {
  history_->setCurrentIndex(static_cast<int>(reports_.size()) - 1 - index);
}

qint64 ParityPanel::shownStep() const {
  return shown_ < 0 ? 0 : reports_[static_cast<std::size_t>(shown_)].step;
}

void ParityPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  const bool is_style = event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange;
  if (is_style && shown_ >= 0) show(shown_);
}

void ParityPanel::show(int index) {
  shown_ = index;
  const ParityReport& report = reports_[static_cast<std::size_t>(index)];
  icon_->setPixmap(state_icon(shape_of(report.verdict), palette(), kIconSize)
                       .pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
  summary_->setText(engine_text(report.summary));
  reference_->setText(tr("%1 tokens, checked in %2 ms. The plain reference: loss %3 per token, most frequent arg-max "
                         "%4.")
                          .arg(grouped(report.num_tokens), QString::number(report.milliseconds, 'f', 0),
                               figure(report.reference_loss_per_token, 6), percent(report.reference_top_argmax_share)));
  QPalette quiet = palette();
  quiet.setColor(QPalette::WindowText, secondary_text(palette()));
  reference_->setPalette(quiet);
  tally_->setPalette(quiet);
  fillTable(report);

  QString causes;
  for (const ParityPathReport& path : report.paths) {
    if (path.likely_causes.empty()) continue;
    causes +=
        QStringLiteral("<p>%1</p><ol>").arg(tr("%1: likely causes, likeliest first").arg(parity_path_name(path.path)));
    for (std::size_t i = 0; i < path.likely_causes.size(); ++i) {
      causes += QStringLiteral("<li>%1").arg(engine_text(path.likely_causes[i]).toHtmlEscaped());
      if (i < path.evidence.size()) {
        causes += QStringLiteral("<br><span style='color:%1'>%2</span>")
                      .arg(secondary_text(palette()).name(),
                           tr("Evidence: %1").arg(engine_text(path.evidence[i])).toHtmlEscaped());
      }
      causes += QStringLiteral("</li>");
    }
    causes += QStringLiteral("</ol>");
  }
  causes_->setText(causes);
  causes_->setVisible(!causes.isEmpty());
  setAccessibleDescription(summary_->text());
  emit reportShown(index);
}

void ParityPanel::fillTable(const ParityReport& report) {
  table_->setColumnCount(1 + static_cast<int>(report.paths.size()));
  table_->setHorizontalHeaderItem(0, new QTableWidgetItem(QString()));
  table_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  for (int row = 0; row < table_->rowCount(); ++row) {
    const Figure& what = figures()[static_cast<std::size_t>(row)];
    table_->setItem(row, 0, make_item(tr(what.title), tr(what.lesson), Qt::AlignLeft));
    table_->item(row, 0)->setForeground(secondary_text(palette()));
  }
  for (int column = 1; column < table_->columnCount(); ++column) {
    const ParityPathReport& path = report.paths[static_cast<std::size_t>(column) - 1];
    table_->setHorizontalHeaderItem(column,
                                    make_item(parity_path_name(path.path), path_lesson(path.path), Qt::AlignRight));
    for (int row = 0; row < table_->rowCount(); ++row) {
      const Figure& what = figures()[static_cast<std::size_t>(row)];
      const bool is_told = !what.is_newer || report.thresholds.differs > 0.0;
      table_->setItem(row, column,
                      make_item(is_told ? what.text(path) : tr("not recorded"), tr(what.lesson), Qt::AlignRight));
    }
    table_->item(0, column)->setIcon(state_icon(shape_of(path.verdict), palette(), kSmallIcon));
  }
  table_->verticalHeader()->setDefaultSectionSize(table_->fontMetrics().height() + 8);
  int height = table_->horizontalHeader()->sizeHint().height() + 2;
  for (int row = 0; row < table_->rowCount(); ++row) height += table_->rowHeight(row);
  table_->setFixedHeight(height);
}

}  // namespace vernier::ui
