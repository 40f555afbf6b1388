#include "ui/widgets/parity_panel.h"

#include <QEvent>
#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QTableWidget>
#include <algorithm>
#include <array>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kIconSize = 24;
constexpr int kSmallIcon = 14;
constexpr int kHistoryWidth = 170;
constexpr int kTextColumns = 2;  // the others hold figures

QString path_name(ParityPath path) {
  switch (path) {
    case ParityPath::kTrain:
      return ParityPanel::tr("Training path");
    case ParityPath::kEval:
      return ParityPanel::tr("Evaluation path");
    case ParityPath::kDecode:
      return ParityPanel::tr("KV-cache path");
  }
  return {};
}

QString word_of(ParityVerdict verdict) {
  return QString::fromStdString(to_string(verdict));
}

struct Column {
  const char* title;
  const char* lesson;
  QString (*text)(const ParityPathReport&);
};

// One figure a column; each tooltip says what it is for.
const std::array<Column, 9>& columns() {
  static const std::array<Column, 9> kColumns = {{
      {QT_TRANSLATE_NOOP("ParityPanel", "Path"),
       QT_TRANSLATE_NOOP("ParityPanel",
                         "Training: what backward sees. Evaluation: without dropout. KV cache: token by "
                         "token, as generation does it."),
       [](const ParityPathReport& path) { return path_name(path.path); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Verdict"),
       QT_TRANSLATE_NOOP("ParityPanel",
                         "Agrees: the differences are those of rounding. Drifting: more than that. "
                         "Differs: another computation."),
       [](const ParityPathReport& path) { return word_of(path.verdict); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Loss"), QT_TRANSLATE_NOOP("ParityPanel", "Loss per token on this path, nats."),
       [](const ParityPathReport& path) { return figure(path.loss_per_token, 6); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Loss difference"),
       QT_TRANSLATE_NOOP("ParityPanel", "How far the loss per token lies from the reference's, nats."),
       [](const ParityPathReport& path) { return figure(path.loss_difference, 3); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Mean |Δ logit|"),
       QT_TRANSLATE_NOOP("ParityPanel",
                         "Mean absolute difference over all logits. Rounding alone stays near 1e-6 to "
                         "1e-4 in float32."),
       [](const ParityPathReport& path) { return figure(path.mean_abs_logit_difference, 3); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Max |Δ logit|"),
       QT_TRANSLATE_NOOP("ParityPanel", "The largest difference of a single logit."),
       [](const ParityPathReport& path) { return figure(path.max_abs_logit_difference, 3); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Same arg-max"),
       QT_TRANSLATE_NOOP("ParityPanel", "Share of positions where both would say the same token next."),
       [](const ParityPathReport& path) { return percent(path.argmax_agreement); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "KL, nats"),
       QT_TRANSLATE_NOOP("ParityPanel",
                         "Kullback-Leibler divergence from the reference's distribution, mean over "
                         "positions. 0: the same distribution."),
       [](const ParityPathReport& path) { return figure(path.mean_kl, 3); }},
      {QT_TRANSLATE_NOOP("ParityPanel", "Top arg-max"),
       QT_TRANSLATE_NOOP("ParityPanel",
                         "Share of positions that would say the most frequent token. Near 100 %: the "
                         "path has collapsed to one answer."),
       [](const ParityPathReport& path) { return percent(path.top_argmax_share); }},
  }};
  return kColumns;
}

}  // namespace

ParityPanel::ParityPanel(QWidget* parent)
    : QWidget(parent),
      empty_(new EmptyState(this)),
      content_(new QWidget(this)),
      history_(new QListWidget(content_)),
      icon_(new QLabel(content_)),
      summary_(new QLabel(content_)),
      reference_(new QLabel(content_)),
      table_(new QTableWidget(content_)),
      causes_(new QLabel(content_)) {
  setObjectName("parityPanel");
  setAccessibleName(tr("Parity report"));
  empty_->setTitle(tr("No parity check yet"));
  empty_->setExplanation(
      tr("Here the training, evaluation and KV-cache paths stand side by side against a plain reference on the same "
         "batch. Set \"parity check every\" in the run's set-up to have it made while the run goes."));

  history_->setObjectName("parityHistory");
  history_->setAccessibleName(tr("Checks so far"));
  history_->setToolTip(
      tr("All checks of this run, newest first. A verdict that changes at one step tells where to look."));
  history_->setFixedWidth(kHistoryWidth);
  history_->setIconSize(QSize(kSmallIcon, kSmallIcon));
  summary_->setObjectName("paritySummary");
  summary_->setWordWrap(true);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  reference_->setObjectName("parityReference");
  reference_->setWordWrap(true);
  causes_->setObjectName("parityCauses");
  causes_->setWordWrap(true);
  causes_->setTextFormat(Qt::RichText);
  causes_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  causes_->setAlignment(Qt::AlignTop | Qt::AlignLeft);

  table_->setObjectName("parityTable");
  table_->setAccessibleName(tr("Every path against the reference"));
  table_->setToolTip(
      tr("Each path computes the same batch; the figures say how far it lies from the plain reference."));
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setColumnCount(static_cast<int>(columns().size()));
  for (int column = 0; column < table_->columnCount(); ++column) {
    const Column& what = columns()[static_cast<std::size_t>(column)];
    auto* item = new QTableWidgetItem(tr(what.title));
    item->setToolTip(tr(what.lesson));
    item->setTextAlignment(column < kTextColumns ? Qt::AlignLeft | Qt::AlignVCenter
                                                 : Qt::AlignRight | Qt::AlignVCenter);
    table_->setHorizontalHeaderItem(column, item);
  }
  table_->setShowGrid(false);
  table_->setIconSize(QSize(kSmallIcon, kSmallIcon));
  table_->setFrameShape(QFrame::NoFrame);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  for (const int column : {0, 1})
    table_->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
  table_->verticalHeader()->hide();

  auto* grid = new QGridLayout(content_);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(8);
  grid->addWidget(history_, 0, 0, 5, 1);
  grid->addWidget(icon_, 0, 1, Qt::AlignTop);
  grid->addWidget(summary_, 0, 2);
  grid->addWidget(reference_, 1, 2);
  grid->addWidget(table_, 2, 1, 1, 2);
  grid->addWidget(causes_, 3, 1, 1, 2);
  grid->setRowStretch(4, 1);
  grid->setColumnStretch(2, 1);

  auto* layout = new QVBoxLayout(this);
  layout->addWidget(empty_);
  layout->addWidget(content_);
  content_->hide();
  connect(history_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row >= 0) show(static_cast<int>(reports_.size()) - 1 - row);
  });
}

void ParityPanel::setReports(const std::vector<ParityReport>& reports) {
  const bool follows = shown_ < 0 || shown_ + 1 == static_cast<int>(reports_.size());
  const qint64 step = shownStep();
  reports_ = reports;
  empty_->setVisible(reports_.empty());
  content_->setVisible(!reports_.empty());
  int index = static_cast<int>(reports_.size()) - 1;
  for (int i = 0; !follows && i < static_cast<int>(reports_.size()); ++i) {
    if (reports_[static_cast<std::size_t>(i)].step == step) index = i;
  }
  {
    const QSignalBlocker quiet(history_);
    history_->clear();
    for (auto report = reports_.rbegin(); report != reports_.rend(); ++report) {
      history_->addItem(new QListWidgetItem(state_icon(shape_of(report->verdict), palette(), kSmallIcon),
                                            tr("Step %1  %2").arg(grouped(report->step), word_of(report->verdict))));
    }
    history_->setCurrentRow(static_cast<int>(reports_.size()) - 1 - index);
  }
  shown_ = -1;
  if (index >= 0) show(index);
}

qint64 ParityPanel::shownStep() const {
  return shown_ < 0 ? 0 : reports_[static_cast<std::size_t>(shown_)].step;
}

void ParityPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::ApplicationPaletteChange && shown_ >= 0) show(shown_);
}

void ParityPanel::show(int index) {
  shown_ = index;
  const ParityReport& report = reports_[static_cast<std::size_t>(index)];
  icon_->setPixmap(state_icon(shape_of(report.verdict), palette(), kIconSize)
                       .pixmap(QSize(kIconSize, kIconSize), devicePixelRatioF()));
  summary_->setText(QString::fromStdString(report.summary));
  reference_->setText(tr("Step %1, %2 tokens, checked in %3 ms. The plain reference: loss %4 per token, most frequent "
                         "arg-max %5.")
                          .arg(grouped(report.step), grouped(report.num_tokens),
                               QString::number(report.milliseconds, 'f', 0), figure(report.reference_loss_per_token, 6),
                               percent(report.reference_top_argmax_share)));
  QPalette quiet = palette();
  quiet.setColor(QPalette::WindowText, secondary_text(palette()));
  reference_->setPalette(quiet);
  fillTable(report);

  QString causes;
  for (const ParityPathReport& path : report.paths) {
    if (path.likely_causes.empty()) continue;
    causes += QStringLiteral("<p>%1</p><ol>").arg(tr("%1: likely causes, likeliest first").arg(path_name(path.path)));
    for (const std::string& cause : path.likely_causes) {
      causes += QStringLiteral("<li>%1</li>").arg(QString::fromStdString(cause).toHtmlEscaped());
    }
    causes += QStringLiteral("</ol>");
  }
  causes_->setText(causes);
  causes_->setVisible(!causes.isEmpty());
  setAccessibleDescription(summary_->text());
}

void ParityPanel::fillTable(const ParityReport& report) {
  table_->setRowCount(static_cast<int>(report.paths.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const ParityPathReport& path = report.paths[static_cast<std::size_t>(row)];
    for (int column = 0; column < table_->columnCount(); ++column) {
      const Column& what = columns()[static_cast<std::size_t>(column)];
      auto* item = new QTableWidgetItem(what.text(path));
      item->setToolTip(tr(what.lesson));
      item->setTextAlignment(column < kTextColumns ? Qt::AlignLeft | Qt::AlignVCenter
                                                   : Qt::AlignRight | Qt::AlignVCenter);
      if (column == 1) item->setIcon(state_icon(shape_of(path.verdict), palette(), kSmallIcon));
      table_->setItem(row, column, item);
    }
  }
  int height = table_->horizontalHeader()->sizeHint().height() + 2;
  for (int row = 0; row < table_->rowCount(); ++row) height += table_->rowHeight(row);
  table_->setFixedHeight(height);
}

}  // namespace vernier::ui
