#include "ui/frame/command_palette.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kEntryRole = Qt::UserRole;
constexpr int kKeysRole = Qt::UserRole + 1;

// A command with its keys at the right, as menus have them.
class CommandDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  // As wide as the list, so that keys stand at its edge.
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return {0, QStyledItemDelegate::sizeHint(option, index).height() + kSpaceTiny};
  }
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    const int keys = option->fontMetrics.horizontalAdvance(index.data(kKeysRole).toString());
    const int room = option->rect.width() - keys - 3 * kSpaceSmall;
    option->text = option->fontMetrics.elidedText(option->text, Qt::ElideMiddle, room);
  }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    const bool is_selected = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    painter->setPen(is_selected ? option.palette.color(QPalette::HighlightedText) : secondary_text(option.palette));
    painter->drawText(option.rect.adjusted(0, 0, -kSpaceSmall, 0), Qt::AlignRight | Qt::AlignVCenter,
                      index.data(kKeysRole).toString());
    painter->restore();
  }
};

}  // namespace

QList<PaletteEntry> entries_of(const QList<QAction*>& actions) {
  QList<PaletteEntry> entries;
  for (QAction* action : actions) {
    if (!action->isVisible()) continue;
    entries.append({without_mnemonic(action->text()), action->statusTip(),
                    action->shortcut().toString(QKeySequence::NativeText), action->isEnabled(),
                    [action = QPointer<QAction>(action)] {
                      if (action) action->trigger();
                    }});
  }
  return entries;
}

CommandPalette::CommandPalette(QList<PaletteEntry> entries, QWidget* parent)
    : QDialog(parent, Qt::Popup), entries_(std::move(entries)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setObjectName(QStringLiteral("commandPalette"));
  setWindowTitle(tr("Find a command"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceSmall, kSpaceSmall, kSpaceSmall, kSpaceSmall);
  field_ = new QLineEdit(this);
  describe(field_, "paletteField", tr("Find a command"), tr("Type a few letters; arrows choose, Enter does it."));
  field_->setPlaceholderText(tr("Pages, actions, settings\u2026"));
  list_ = new QListWidget(this);
  describe(list_, "paletteList", tr("Commands found"), tr("Enter does the selected one."));
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setItemDelegate(new CommandDelegate(list_));
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  layout->addWidget(field_);
  layout->addWidget(list_);
  field_->installEventFilter(this);
  connect(field_, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(field_, &QLineEdit::returnPressed, this, &CommandPalette::trigger);
  connect(list_, &QListWidget::itemActivated, this, &CommandPalette::trigger);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::trigger);
  filter({});
  resize(character_width(fontMetrics()) * 75, fontMetrics().height() * 18);
  const QPoint top(parent->width() / 2 - width() / 2, kSpaceHuge * 2);
  move(parent->mapToGlobal(top));
  field_->setFocus();
}

void CommandPalette::filter(const QString& text) {
  const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  const auto holds_all = [&words](const QString& searched) {
    return std::all_of(words.begin(), words.end(),
                       [&searched](const QString& word) { return searched.contains(word, Qt::CaseInsensitive); });
  };
  // What is called so comes before what is explained so, and what can be done now before what cannot.
  list_->clear();
  QList<int> explained, later;
  for (int i = 0; i < entries_.size(); ++i) {
    const PaletteEntry& entry = entries_[i];
    const bool is_named = holds_all(entry.name);
    if (!is_named && !holds_all(entry.name + QLatin1Char(' ') + entry.explanation)) continue;
    if (!entry.is_enabled) {
      later.append(i);
    } else if (is_named) {
      add(i);
    } else {
      explained.append(i);
    }
  }
  for (const int i : explained + later) add(i);
  list_->setCurrentRow(0);
}

void CommandPalette::add(int entry) {
  const auto& [name, explanation, keys, is_enabled, go] = entries_[entry];
  const QString text = is_enabled ? name : tr("%1 (not now)").arg(name);
  auto* item = new QListWidgetItem(text, list_);
  item->setData(kKeysRole, keys);
  if (!keys.isEmpty()) item->setData(Qt::AccessibleTextRole, tr("%1, %2").arg(text, keys));
  item->setToolTip(explanation);
  item->setData(kEntryRole, entry);
  if (!is_enabled) item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
}

void CommandPalette::trigger() {
  const QListWidgetItem* item = list_->currentItem();
  if (item == nullptr || !item->flags().testFlag(Qt::ItemIsEnabled)) return;
  const std::function<void()> go = entries_[item->data(kEntryRole).toInt()].go;
  close();
  go();
}

void CommandPalette::paintEvent(QPaintEvent* event) {
  QDialog::paintEvent(event);
  // A popup has no frame of the desktop's, and its ground is the window's.
  QPainter painter(this);
  painter.setPen(axis_line(palette()));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == field_ && event->type() == QEvent::KeyPress && list_->count() > 0) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int step = key == Qt::Key_Down ? 1 : list_->count() - 1;
      list_->setCurrentRow((list_->currentRow() + step) % list_->count());
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

}  // namespace vernier::ui
