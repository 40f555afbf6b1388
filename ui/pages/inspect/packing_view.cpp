#include "ui/pages/inspect/packing_view.h"

#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/picture_button.h"
#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/sentences.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

// A run that is followed brings many steps a second: the one at which it rests is read.
constexpr auto kRest = std::chrono::milliseconds(120);
// Where all weigh the same, the colours of a difference still need an end: twice as much.
constexpr double kLeastLogRatio = 1.0;
// A target is never so low that it cannot be seen.
constexpr double kLeastHeight = 0.15;

}  // namespace

PackingView::PackingView(Workbench& workbench, Actions&, QWidget* parent) : InspectView(parent), workbench_(workbench) {
  setObjectName(QStringLiteral("packingView"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  messages_ = new MessageBar(this);
  messages_->setObjectName(QStringLiteral("packingMessages"));
  column->addWidget(messages_);
  make_head(*column);
  map_ = new PackingMap(this);
  describe(map_, "packingMap", tr("Rows of the step"),
           tr("Every row as it went through the model. A bar marks where a sequence begins: attention does not look "
              "across it, and position_ids start at 0 again. Hatched tokens are masked. Ctrl and wheel zoom."));
  map_->setReadout([this](int strip, int piece, qint64 position) { return readout(strip, piece, position); });
  map_->clear(tr("The rows of the selected step will stand here."));
  column->addWidget(map_, 1);

  settle_.setSingleShot(true);
  settle_.setInterval(kRest);
  connect(&settle_, &QTimer::timeout, this, &PackingView::load);
  connect(&loader_, &LayoutLoader::loaded, this, &PackingView::show_layout);
  connect(&loader_, &LayoutLoader::failed, this, [this](const QString& sentence) {
    loaded_ = -1;
    messages_->showMessage(MessageLevel::kError, sentence);
  });
  connect(by_, &QComboBox::currentIndexChanged, this, [this] {
    paint_rows();
    show_legend();
    show_selection();
  });
  SelectionModel& selection = workbench_.selection();
  connect(map_, &PackingMap::pieceSelected, this, [this, &selection](int strip, int piece, qint64 position) {
    const LaidRow& row = layout_.rows()[static_cast<std::size_t>(strip)];
    const LaidSequence& sequence = layout_.sequences()[row.first + static_cast<std::size_t>(piece)];
    selection.selectSequence(layout_.step(), sequence.loss.index);
    if (position >= 0) selection.selectPosition(static_cast<int>(position));
  });
  connect(&selection, &SelectionModel::stepChanged, this, &PackingView::wish);
  connect(&selection, &SelectionModel::sequenceChanged, this, &PackingView::show_selection);
  connect(&selection, &SelectionModel::positionChanged, this, &PackingView::show_selection);
  connect(&workbench_.run(), &RunModel::wasReset, this, [this] {
    loader_.cancel();
    messages_->hide();
    loaded_ = -1;
    show_layout({});
    wish(workbench_.selection().step());
  });
  show_layout({});
}

QString PackingView::title() const {
  return tr("Packing");
}

QString PackingView::tool_tip() const {
  return tr("The packed rows of a step with their boundaries, and what each token weighs per token and per sequence.");
}

void PackingView::make_head(QVBoxLayout& column) {
  auto* head = new QWidget(this);
  auto* row = new FlowLayout(kSpaceLarge, kSpaceTiny, head);
  auto* chooser = new QWidget(head);
  auto* pair = new QHBoxLayout(chooser);
  pair->setContentsMargins(0, 0, 0, 0);
  pair->setSpacing(kSpaceSmall);
  auto* label = new QLabel(tr("&Weight"), chooser);
  by_ = new QComboBox(this);
  describe(by_, "packingBy", tr("Weight of each token"),
           tr("The loss adds up token losses, each times its weight. Per token, all weigh 1 / num_items_in_batch; per "
              "sequence, 1 / (S \u00d7 targets of its sequence): tokens of short sequences weigh more."));
  by_->addItem(tr("per token: 1 / num_items_in_batch"), static_cast<int>(Show::kPerToken));
  by_->addItem(tr("per sequence: 1 / (S \u00d7 targets)"), static_cast<int>(Show::kPerSequence));
  by_->addItem(tr("the difference"), static_cast<int>(Show::kDifference));
  label->setBuddy(by_);
  pair->addWidget(label);
  pair->addWidget(by_);
  row->addWidget(chooser);
  legend_ = new ColorLegend(this);
  legend_->setObjectName(QStringLiteral("packingLegend"));
  legend_->setToolTip(tr("A weight of 1 is the step's average: num_items_in_batch tokens share the whole loss."));
  legend_->setHatched(tr("masked: weighs nothing"));
  row->addWidget(legend_);
  row->addWidget(make_picture_button(
      "packingViewPicture", [this](QMenu& menu) { add_actions(menu); }, head));
  column.addWidget(head);
  fill_ = make_note({}, this);
  fill_->setObjectName(QStringLiteral("packingFill"));
  column.addWidget(fill_);
  weight_ = new QLabel(this);
  weight_->setObjectName(QStringLiteral("packingWeight"));
  weight_->setWordWrap(true);
  column.addWidget(weight_);
}

void PackingView::wish(qint64 step) {
  wanted_ = step;
  if (isVisible()) settle_.start();
}

void PackingView::load() {
  if (wanted_ < 0 || wanted_ == loaded_) return;
  loaded_ = wanted_;
  loader_.load(workbench_.run().run_dir(), workbench_.run().config(), wanted_);
}

void PackingView::showEvent(QShowEvent* event) {
  InspectView::showEvent(event);
  wish(workbench_.selection().step());
}

void PackingView::changeEvent(QEvent* event) {
  InspectView::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && map_ != nullptr) {
    paint_rows();
    show_selection();
  }
}

void PackingView::show_layout(const StepLayout& layout) {
  layout_ = layout;
  fill_->setText(layout_.is_empty() ? QString() : layout_.fill_sentence());
  paint_rows();
  show_legend();
  show_selection();
}

QColor PackingView::color_of(const LaidSequence& sequence) const {
  return shown() == Show::kDifference ? blue_orange(2.0 * height_of(sequence) - 1.0) : cividis(height_of(sequence));
}

double PackingView::height_of(const LaidSequence& sequence) const {
  // A half: as much in both losses.
  if (shown() == Show::kDifference) {
    return 0.5 + 0.5 * layout_.log_ratio(sequence) / std::max(kLeastLogRatio, layout_.largest_log_ratio());
  }
  // In both losses on one scale, so that going from one to the other shows what moves.
  const auto normalization =
      shown() == Show::kPerToken ? LossNormalization::kPerToken : LossNormalization::kPerSequence;
  return layout_.token_weight(sequence, normalization) / layout_.largest_token_weight();
}

PackedPiece PackingView::piece_of(const LaidSequence& sequence) const {
  PackedPiece piece;
  piece.begin = sequence.begin;
  piece.length = sequence.loss.num_tokens;
  piece.name = tr("data row %1").arg(sequence.loss.row);
  const QColor color = color_of(sequence);
  const double height = std::max(kLeastHeight, height_of(sequence));
  qint64 at = 0;
  for (const TokenRun& run : sequence.targets) {
    if (run.begin > at) piece.stretches.push_back({at, run.begin, 1.0, {}});
    piece.stretches.push_back({run.begin, run.end, height, color});
    at = run.end;
  }
  // Where its tokens were not recorded, all of it stands for its targets.
  const bool is_unknown = sequence.targets.empty() && sequence.loss.num_targets > 0;
  if (is_unknown) {
    piece.stretches.push_back({0, piece.length, height, color});
  } else if (at < piece.length) {
    piece.stretches.push_back({at, piece.length, 1.0, {}});
  }
  return piece;
}

void PackingView::paint_rows() {
  if (layout_.is_empty()) {
    weight_->clear();
    map_->clear(tr("The rows of the selected step will stand here."));
    return;
  }
  std::vector<PackedStrip> strips;
  for (const LaidRow& row : layout_.rows()) {
    PackedStrip& strip = strips.emplace_back();
    strip.name = layout_.is_recorded() ? tr("batch %1, row %2").arg(row.micro_batch + 1).arg(row.packed_row + 1)
                                       : tr("sequence %1").arg(row.packed_row);
    strip.length = row.tokens;
    strip.note = layout_.is_packed() && layout_.is_recorded()
                     ? percent(static_cast<double>(row.tokens) / static_cast<double>(layout_.capacity()), 0)
                     : tr("%1 tokens").arg(grouped(row.tokens));
    for (std::size_t i = row.first; i < row.first + row.count; ++i) {
      strip.pieces.push_back(piece_of(layout_.sequences()[i]));
    }
  }
  const bool has_room = layout_.is_packed() && layout_.is_recorded();
  map_->setStrips(std::move(strips), layout_.capacity(), has_room ? tr("%1 unused") : QString());
}

void PackingView::show_legend() {
  if (layout_.is_empty()) {
    legend_->hide();
    return;
  }
  legend_->show();
  const auto items = static_cast<double>(layout_.num_items());
  QString words;
  if (shown() == Show::kDifference) {
    const double most = std::exp2(std::max(kLeastLogRatio, layout_.largest_log_ratio()));
    legend_->setScale(
        tr("Per sequence against per token"), [](double t) { return blue_orange(2.0 * t - 1.0); },
        {{0.0, tr("1/%1").arg(figure(most, 2))}, {0.5, tr("the same")}, {1.0, tr("%1 times").arg(figure(most, 2))}});
    words = layout_.difference_sentence();
  } else {
    const double most = layout_.largest_token_weight() * items;
    legend_->setScale(tr("Weight, 1 is average"), cividis, {{0.0, QStringLiteral("0")}, {1.0, figure(most, 3)}});
    words = layout_.weight_sentence(shown() == Show::kPerToken ? LossNormalization::kPerToken
                                                               : LossNormalization::kPerSequence);
  }
  const QString optimised = layout_.optimised() == LossNormalization::kPerToken
                                ? tr("This run optimises the loss per token.")
                                : tr("This run optimises the loss per sequence.");
  weight_->setText(in_a_row({words, optimised}));
}

void PackingView::show_selection() {
  const SelectionModel& selection = workbench_.selection();
  const int found = layout_.step() == selection.step() ? layout_.find(selection.sequence()) : -1;
  if (found < 0) return map_->setSelected(-1, -1, -1);
  const LaidSequence& sequence = layout_.sequences()[static_cast<std::size_t>(found)];
  const LaidRow& row = layout_.rows()[sequence.row];
  map_->setSelected(static_cast<int>(sequence.row), found - static_cast<int>(row.first), selection.position());
}

QStringList PackingView::readout(int strip, int piece, qint64 position) const {
  const LaidRow& row = layout_.rows()[static_cast<std::size_t>(strip)];
  if (piece < 0) return {tr("%1 tokens of the row are not used").arg(grouped(layout_.capacity() - row.tokens))};
  const LaidSequence& sequence = layout_.sequences()[row.first + static_cast<std::size_t>(piece)];
  const SequenceLoss& loss = sequence.loss;
  QStringList lines = {
      tr("sequence %1, row %2 of the data").arg(loss.index).arg(loss.row),
      tr("%1 tokens, %2 targets, loss %3")
          .arg(grouped(loss.num_tokens), grouped(loss.num_targets), figure(loss.loss, 4)),
      tr("position_ids 0 to %1, at %2 of its row").arg(grouped(loss.num_tokens - 1), grouped(sequence.begin))};
  if (position >= 0) lines << tr("this token: position %1").arg(grouped(position));
  if (loss.num_targets == 0) return lines << tr("nothing of it is learnt");
  const auto items = static_cast<double>(layout_.num_items());
  const auto line = [&](const QString& words, LossNormalization normalization) {
    lines << words.arg(figure(layout_.token_weight(sequence, normalization) * items, 3),
                       percent(layout_.sequence_weight(sequence, normalization)));
  };
  line(tr("per token: each target weighs %1, all of them %2 of the loss"), LossNormalization::kPerToken);
  line(tr("per sequence: each target weighs %1, all of them %2 of the loss"), LossNormalization::kPerSequence);
  return lines;
}

void PackingView::add_actions(QMenu& menu) {
  add_picture_actions(
      menu, *map_, QStringLiteral("packing"),
      [this](QPaintDevice& device, const QSize& size) { map_->paintTo(device, size); }, *messages_);
  const auto make_table = [this] {
    TableData table;
    table.headers = {tr("micro-batch"),
                     tr("packed row"),
                     tr("begins at"),
                     tr("sequence"),
                     tr("row"),
                     tr("tokens"),
                     tr("targets"),
                     tr("loss"),
                     tr("weight of a target, per token"),
                     tr("weight of a target, per sequence")};
    table.rows = static_cast<int>(layout_.sequences().size());
    table.cell = [layout = layout_](int at, int number) -> QString {
      const LaidSequence& sequence = layout.sequences()[static_cast<std::size_t>(at)];
      const LaidRow& row = layout.rows()[sequence.row];
      switch (number) {
        case 0:
          return layout.is_recorded() ? QString::number(row.micro_batch) : QString();
        case 1:
          return layout.is_recorded() ? QString::number(row.packed_row) : QString();
        case 2:
          return QString::number(sequence.begin);
        case 3:
          return QString::number(sequence.loss.index);
        case 4:
          return QString::number(sequence.loss.row);
        case 5:
          return QString::number(sequence.loss.num_tokens);
        case 6:
          return QString::number(sequence.loss.num_targets);
        case 7:
          return QString::number(sequence.loss.loss, 'g', 9);
        case 8:
          return QString::number(layout.token_weight(sequence, LossNormalization::kPerToken), 'g', 9);
        default:
          return QString::number(layout.token_weight(sequence, LossNormalization::kPerSequence), 'g', 9);
      }
    };
    return table;
  };
  add_table_actions(menu, *this, tr("Sequences of step %1").arg(layout_.step()), QStringLiteral("packing"), make_table,
                    *messages_);
  for (QAction* action : menu.actions()) action->setEnabled(!layout_.is_empty());
}

void PackingView::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  add_actions(menu);
  menu.exec(event->globalPos());
}

void PackingView::take_focus() {
  map_->setFocus(Qt::OtherFocusReason);
}

}  // namespace vernier::ui
