#include "ui/pages/inspect/position_panel.h"

#include <QCoreApplication>
#include <QFormLayout>
#include <QHeaderView>
#include <QVBoxLayout>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

const QString kNothing = QStringLiteral("\u2013");

QTableWidgetItem* make_item(const QString& text, bool is_figure) {
  auto* item = new QTableWidgetItem(text);
  item->setTextAlignment(Qt::AlignVCenter | (is_figure ? Qt::AlignRight : Qt::AlignLeft));
  return item;
}

QString rank_text(qint64 higher) {
  return higher == 0 ? QCoreApplication::translate("PositionPanel", "1 (a hit)") : grouped(rank_from_one(higher));
}

// Beside it the number of equally likely tokens that are as undecided.
QString entropy_text(double entropy) {
  return QCoreApplication::translate("PositionPanel", "%1 nats (as between %2 tokens)")
      .arg(QString::number(entropy, 'f', 3), figure(std::exp(entropy), 2));
}

}  // namespace

PositionPanel::PositionPanel(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceSmall, kSpaceSmall, kSpaceSmall, kSpaceSmall);
  auto* form = new QFormLayout;
  form->setHorizontalSpacing(kSpaceLarge);
  const auto add = [this, form](const char* name, const QString& caption, const QString& tool_tip) {
    auto* value = new QLabel(kNothing, this);
    value->setTextFormat(Qt::PlainText);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setWordWrap(true);
    describe(value, name, caption, tool_tip);
    form->addRow(make_note(caption, this, false), value);
    return value;
  };
  token_ = add("positionToken", tr("Token"), tr("Its text and its id in the vocabulary."));
  loss_ = add("positionLoss", tr("Loss"), tr("Minus the logarithm of its probability, in nats."));
  rank_ = add("positionRank", tr("Rank"), tr("Its place among all tokens by probability: 1 is the likeliest, a hit."));
  entropy_ = add("positionEntropy", tr("Entropy"),
                 tr("How undecided the model was, in nats; e to its power is the "
                    "number of tokens it hesitated between."));
  argmax_ = add("positionArgmax", tr("Likeliest instead"), tr("What the model would have said."));
  layout->addLayout(form);
  note_ = make_note({}, this);
  note_->setObjectName(QStringLiteral("positionNote"));
  layout->addWidget(note_);
  top_ = new QTableWidget(0, 3, this);
  describe(top_, "topTokens", tr("Likeliest tokens"),
           tr("The tokens with the highest logits at this position. The true one is marked."));
  set_headings(top_, {tr("Token"), tr("Probability"), tr("Logit")}, {1, 2});
  show_as_rows(top_);
  top_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  top_->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  layout->addWidget(top_, 1);
  layout->addStretch();
  show_token({}, {}, {});
}

void PositionPanel::show_token(const std::optional<TokenRecord>& token, const std::optional<PositionView>& view,
                               const PieceLookup& pieces) {
  const auto name = [&pieces](std::int32_t id) {
    return QStringLiteral("%1  (%2)").arg(visible_piece(pieces(id), id)).arg(id);
  };
  for (QLabel* label : {token_, loss_, rank_, entropy_, argmax_}) label->setText(kNothing);
  top_->setRowCount(0);
  if (token) {
    token_->setText(name(token->input_id));
    if (token->is_target) {
      loss_->setText(tr("%1 nats (probability %2 %)")
                         .arg(QString::number(token->loss, 'f', 3), figure(100.0 * std::exp(-token->loss), 2)));
      rank_->setText(rank_text(token->rank));
      entropy_->setText(entropy_text(token->entropy));
      if (token->argmax >= 0) argmax_->setText(token->rank == 0 ? tr("nothing: it was right") : name(token->argmax));
    }
  } else if (view && view->target >= 0) {
    token_->setText(name(view->target));
    rank_->setText(rank_text(view->target_rank));
    entropy_->setText(entropy_text(view->entropy));
  }
  top_->setVisible(view.has_value());
  if (!view) {
    note_->setText(!token              ? tr("Select a token of the ribbon or a column of the map.")
                   : !token->is_target ? tr("This token has no label (-100): the loss does not see it.")
                                       : tr("The logits that predicted it were not captured. \u201cReturn logits\u201d "
                                            "keeps them."));
    return;
  }
  note_->setText(tr("The distribution after the token at position %1:").arg(view->position));
  top_->setRowCount(static_cast<int>(view->top.size()));
  for (int row = 0; row < top_->rowCount(); ++row) {
    const TopToken& entry = view->top[static_cast<std::size_t>(row)];
    const QString mark = entry.id == view->target ? tr("\u2713 ") : QString();
    top_->setItem(row, 0, make_item(mark + name(entry.id), false));
    top_->setItem(row, 1, make_item(chance(entry.probability), true));
    top_->setItem(row, 2, make_item(QString::number(entry.logit, 'f', 2), true));
  }
}

}  // namespace vernier::ui
