#include "ui/frame/page_places.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QLineEdit>
#include <QPointer>
#include <QScrollArea>
#include <QTabWidget>
#include <QTimer>
#include <QToolButton>
#include <QVector>

#include "ui/pages/actions.h"
#include "ui/pages/describe.h"
#include "ui/pages/part_stack.h"
#include "ui/pages/setup/draft_field.h"
#include "ui/pages/setup/setup_section.h"

namespace vernier::ui {
namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(PagePlaces)
};

// Of the stack of a tab widget or of parts: which its `part` is called; "" where that is no such stack.
QString title_in(const QWidget* stack, QWidget* part) {
  if (const auto* parts = qobject_cast<const PartStack*>(stack)) return parts->title_of(part);
  const auto* tabs = stack != nullptr ? qobject_cast<const QTabWidget*>(stack->parentWidget()) : nullptr;
  return tabs != nullptr ? without_mnemonic(tabs->tabText(tabs->indexOf(part))) : QString();
}

void bring_to_front(QWidget* part) {
  if (auto* parts = qobject_cast<PartStack*>(part->parentWidget())) parts->setCurrentWidget(part);
  auto* tabs = part->parentWidget() ? qobject_cast<QTabWidget*>(part->parentWidget()->parentWidget()) : nullptr;
  if (tabs != nullptr) tabs->setCurrentWidget(part);
}

bool is_control(const QWidget* widget) {
  const bool is_one = qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
                      qobject_cast<const QComboBox*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
                      qobject_cast<const QAbstractSlider*>(widget) || qobject_cast<const QAbstractItemView*>(widget);
  return is_one && !widget->accessibleName().isEmpty() && (widget->focusPolicy() & Qt::TabFocus) != 0;
}

// Buttons of the window's actions are found as those.
bool shows_action(const QWidget* widget) {
  const auto* button = qobject_cast<const QToolButton*>(widget);
  return button != nullptr && button->defaultAction() != nullptr &&
         qobject_cast<const Actions*>(button->defaultAction()->parent()) != nullptr;
}

// The parts that it stands in, from the outermost; nothing where something else hides it.
struct Way {
  bool is_open = true;
  QStringList titles;
  QList<QPointer<QWidget>> parts;
  QPointer<SetupSection> section;
};

Way way_to(QWidget* widget, const Page& page) {
  Way way;
  for (QWidget* at = widget; at != &page; at = at->parentWidget()) {
    auto* section = qobject_cast<SetupSection*>(at->parentWidget());
    const QString title = title_in(at->parentWidget(), at);
    if (!title.isEmpty()) {
      way.titles.prepend(title);
      way.parts.prepend(at);
    } else if (section != nullptr && section->folds(at)) {
      way.section = section;
    } else if (at->isHidden() && at->testAttribute(Qt::WA_WState_ExplicitShowHide)) {
      way.is_open = false;
      break;
    }
  }
  return way;
}

// "Set up: Training, Learning rate".
QString named(const QString& page, const QStringList& way) {
  QString place = way.front();
  for (qsizetype i = 1; i < way.size(); ++i) place = Words::tr("%1, %2").arg(place, way[i]);
  return Words::tr("%1: %2").arg(page, place);
}

void reveal(const Way& way, QWidget* widget) {
  for (QWidget* part : way.parts) {
    if (part != nullptr) bring_to_front(part);
  }
  if (way.section) way.section->unfold();
  widget->setFocus(Qt::ShortcutFocusReason);
  // Once what was hidden has its place.
  QTimer::singleShot(0, widget, [widget] {
    for (QWidget* at = widget->parentWidget(); at != nullptr; at = at->parentWidget()) {
      if (auto* scroller = qobject_cast<QScrollArea*>(at)) scroller->ensureWidgetVisible(widget);
    }
  });
}

}  // namespace

QList<PaletteEntry> places_of(Page& page, const QString& name, const std::function<void()>& show) {
  QList<PaletteEntry> places;
  QStringList known;
  const auto add = [&](const QString& text, const QString& explanation, bool is_enabled, std::function<void()> go) {
    if (known.contains(text)) return;
    known.append(text);
    places.append({text, explanation, {}, is_enabled, std::move(go)});
  };
  for (QWidget* widget : page.findChildren<QWidget*>()) {
    const bool is_part = !title_in(widget->parentWidget(), widget).isEmpty();
    if (!is_part && (!is_control(widget) || shows_action(widget))) continue;
    const Way way = way_to(widget, page);
    if (!way.is_open) continue;
    if (is_part) {
      add(named(name, way.titles), {}, true, [show, way, part = QPointer<QWidget>(widget)] {
        show();
        if (part == nullptr) return;
        for (QWidget* one : way.parts) {
          if (one != nullptr) bring_to_front(one);
        }
      });
      continue;
    }
    QString called = widget->accessibleName();
    for (const QWidget* at = widget; at != &page; at = at->parentWidget()) {
      if (const auto* field = qobject_cast<const DraftField*>(at)) {
        called = Words::tr("%1 (%2)").arg(called, QLatin1String(field->key()));
      }
    }
    add(named(name, way.titles + QStringList(called)), widget->toolTip(), widget->isEnabled(),
        [show, way, control = QPointer<QWidget>(widget)] {
          show();
          if (control != nullptr) reveal(way, control);
        });
  }
  return places;
}

}  // namespace vernier::ui
