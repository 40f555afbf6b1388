#include "ui/pages/inspect/alternatives_panel.h"

#include <QHeaderView>
#include <QPainter>
#include <QShortcut>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/pages/inspect/answer_pane.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/sentences.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

enum Column { kToken, kAfter, kBefore, kChange, kNumColumns };
constexpr int kShareRole = Qt::UserRole;
constexpr int kIdRole = Qt::UserRole + 1;
constexpr int kLeastRows = 4;

// A probability with a bar as long behind it.
class ShareDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const double share = index.data(kShareRole).toDouble();
    const QRectF cell = QRectF(option.rect).adjusted(2, 3, -2, -3);
    painter->fillRect(QRectF(cell.left(), cell.top(), cell.width() * share, cell.height()),
                      mixed(option.palette.color(QPalette::Base), option.palette.color(QPalette::Highlight), 0.35));
    QStyledItemDelegate::paint(painter, option, index);
  }
};

QTableWidgetItem* share_item(double probability) {
  auto* item = new QTableWidgetItem(probability_text(probability));
  item->setData(kShareRole, std::isnan(probability) ? 0.0 : probability);
  item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  return item;
}

// Two digits of it, with its thousands apart where they are many.
QString factor(double ratio) {
  if (ratio < 1000.0 || ratio >= 1e9) return figure(ratio, 2);
  const double power = std::pow(10.0, std::floor(std::log10(ratio)) - 1.0);
  return grouped(std::llround(std::round(ratio / power) * power));
}

// "4.2 times as likely", "a tenth": how training moved it.
QString change_of(double after, double before) {
  if (std::isnan(after) || std::isnan(before) || !(before > 0.0) || !(after > 0.0)) return {};
  const double ratio = after / before;
  if (ratio >= 0.95 && ratio <= 1.05) return AlternativesPanel::tr("as before");
  return ratio > 1.0 ? AlternativesPanel::tr("%1\u00d7 likelier").arg(factor(ratio))
                     : AlternativesPanel::tr("%1\u00d7 less likely").arg(factor(1.0 / ratio));
}

}  // namespace

AlternativesPanel::AlternativesPanel(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceTiny);
  head_ = make_note({}, this);
  head_->setObjectName(QStringLiteral("alternativesHead"));
  column->addWidget(head_);
  table_ = new QTableWidget(0, kNumColumns, this);
  describe(table_, "alternatives", tr("Tokens that might stand there"),
           tr("The likeliest tokens of either model, with their probabilities. A click, or Enter, puts one in and lets "
              "that side go on from it."));
  set_headings(table_, {tr("Token"), tr("After"), tr("Before"), tr("Training made it")}, {kAfter, kBefore, kChange});
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setTabKeyNavigation(false);
  table_->setShowGrid(false);
  table_->setFrameShape(QFrame::NoFrame);
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + kSpaceSmall);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->setMinimumHeight((fontMetrics().height() + kSpaceSmall) * (kLeastRows + 1));
  auto* shares = new ShareDelegate(table_);
  table_->setItemDelegateForColumn(kAfter, shares);
  table_->setItemDelegateForColumn(kBefore, shares);
  column->addWidget(table_, 1);
  connect(table_, &QTableWidget::cellClicked, this, [this](int row, int) { choose(row); });
  // Not activated(), which some desktops send on a click as well.
  for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
    auto* enter = new QShortcut(key, table_, nullptr, nullptr, Qt::WidgetShortcut);
    connect(enter, &QShortcut::activated, this, [this] { choose(table_->currentRow()); });
  }
  clear();
}

void AlternativesPanel::clear() {
  index_ = -1;
  table_->setRowCount(0);
  head_->setText(
      tr("Click a token of an answer, or move to it with the arrow keys: here stands what else might have "
         "come, before and after."));
}

void AlternativesPanel::show_token(AnswerSide side, int index, const AnswerToken& token, bool can_go_on) {
  side_ = side;
  index_ = index;
  can_go_on_ = can_go_on;
  const QString where = side == AnswerSide::kBase    ? tr("In the answer before training, token %1")
                        : side == AnswerSide::kTuned ? tr("In the answer after training, token %1")
                                                     : tr("In what the row says, token %1");
  const QString piece = visible_piece(token.piece, token.id);
  QStringList sentences = {tr("%1 is \u201c%2\u201d.").arg(where.arg(grouped(index + 1)), piece)};
  if (can_go_on) sentences << tr("Click another to go on from there.");
  head_->setText(in_a_row(sentences));
  table_->setRowCount(static_cast<int>(token.alternatives.size()));
  for (int row = 0; row < table_->rowCount(); ++row) {
    const AnswerAlternative& other = token.alternatives[static_cast<std::size_t>(row)];
    const QString mark = other.id == token.id ? QStringLiteral("\u25b8 ") : QString();
    auto* name = new QTableWidgetItem(mark + visible_piece(other.piece, other.id));
    name->setData(kIdRole, other.id);
    name->setToolTip(tr("Token id %1.").arg(other.id));
    table_->setItem(row, kToken, name);
    table_->setItem(row, kAfter, share_item(other.tuned));
    table_->setItem(row, kBefore, share_item(other.base));
    auto* change = new QTableWidgetItem(change_of(other.tuned, other.base));
    change->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    table_->setItem(row, kChange, change);
  }
}

void AlternativesPanel::choose(int row) {
  if (can_go_on_ && index_ >= 0 && row >= 0 && row < table_->rowCount()) {
    Q_EMIT chosen(side_, index_, table_->item(row, kToken)->data(kIdRole).toInt());
  }
}

}  // namespace vernier::ui
