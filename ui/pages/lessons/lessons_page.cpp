#include "ui/pages/lessons/lessons_page.h"

#include <QLocale>
#include <QVBoxLayout>
#include <exception>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/lessons/lesson_view.h"
#include "ui/pages/page_scroller.h"
#include "ui/session/session_of.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr double kProjector = 1.6;  // times the text's size

}  // namespace

LessonsPage::LessonsPage(Workbench& workbench, const LessonFunction& run, QWidget* parent)
    : Page(parent), workbench_(workbench), session_(session_of<LessonSession>(workbench, run)) {
  setObjectName(QStringLiteral("lessonsPage"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  messages_ = new MessageBar(this);
  messages_->setObjectName(QStringLiteral("lessonsMessages"));
  column->addWidget(messages_);
  split_ = new QSplitter(this);
  split_->setObjectName(QStringLiteral("lessonsSplit"));
  split_->setChildrenCollapsible(false);
  split_->addWidget(make_list());
  stack_ = new PartStack(split_);
  split_->addWidget(stack_);
  split_->setStretchFactor(1, 1);
  column->addWidget(split_, 1);
  load();
  connect_session();
  connect(&workbench_, &Workbench::abilitiesChanged, this, &LessonsPage::refresh);
  connect(list_, &QListWidget::currentRowChanged, this, &LessonsPage::show_lesson);
  connect(stack_, &QStackedWidget::currentChanged, this, &LessonsPage::show_lesson);
  reset_layout();
  if (!views_.empty()) list_->setCurrentRow(0);
  refresh();
}

QWidget* LessonsPage::make_list() {
  auto* side = new QWidget(split_);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(kSpaceLarge, kSpaceLarge, kSpaceSmall, kSpaceLarge);
  column->setSpacing(kSpaceSmall);
  column->addWidget(make_heading(tr("Lessons"), side));
  column->addWidget(make_note(tr("Each is an experiment on the bundled model: predict, run, reveal."), side));
  list_ = new QListWidget(side);
  describe(list_, "lessonsList", tr("Lessons"),
           tr("Seven things that go wrong in fine-tuning, or are taken for wrong. A tick marks those you have done."));
  list_->setWordWrap(true);
  list_->setSpacing(kSpaceTiny / 2);
  column->addWidget(list_, 1);
  projector_ = new FocusButton(side);
  projector_->setText(tr("&Large text"));
  projector_->setCheckable(true);
  describe(projector_, "lessonsProjector", tr("Large text"),
           tr("For a projector: the lesson's text at %1 times its size.").arg(kProjector));
  column->addWidget(projector_);
  connect(projector_, &QToolButton::toggled, this, &LessonsPage::set_projector);
  return side;
}

void LessonsPage::load() {
  std::vector<LessonText> lessons;
  try {
    lessons = load_lessons(QLocale().name());
  } catch (const std::exception& error) {
    messages_->showMessage(MessageLevel::kError, engine_text(error.what()));
    return;
  }
  for (LessonText& text : lessons) {
    const auto row = static_cast<int>(views_.size());
    auto* item = new QListWidgetItem(tr("%1. %2\n%3 min").arg(row + 1).arg(text.title).arg(text.minutes));
    item->setToolTip(text.teaches);
    list_->addItem(item);
    auto* scroller = new PageScroller(stack_);
    auto* column = new QVBoxLayout(scroller->page());
    column->setContentsMargins(0, 0, 0, 0);
    auto* view = new LessonView(std::move(text), scroller->page());
    column->addWidget(view);
    stack_->add_part(scroller, view->text().title);
    view->set_has_next(row + 1 < static_cast<int>(lessons.size()));
    connect(view, &LessonView::runWanted, this,
            [this, view] { session_.start(QString::fromStdString(view->text().id)); });
    connect(view, &LessonView::cancelWanted, &session_, &LessonSession::cancel);
    connect(view, &LessonView::nextWanted, this, [this, row] {
      list_->setCurrentRow(row + 1);
      take_focus();
    });
    views_.push_back(view);
    mark(row);
  }
}

void LessonsPage::connect_session() {
  connect(&session_, &LessonSession::started, this, [this](const QString& id) {
    view_of(id)->show_progress(0.0);
    refresh();
  });
  connect(&session_, &LessonSession::progressed, this,
          [this](const QString& id, double fraction) { view_of(id)->show_progress(fraction); });
  connect(&session_, &LessonSession::finished, this, [this](const QString& id, const LessonResult& result) {
    workbench_.settings().add_lesson_done(id);
    view_of(id)->show_result(result);
    refresh();
  });
  connect(&session_, &LessonSession::cancelled, this, [this](const QString& id) {
    view_of(id)->show_cancelled();
    refresh();
  });
  connect(&session_, &LessonSession::failed, this, [this](const QString& id, const QString& sentence) {
    view_of(id)->show_failure(sentence);
    refresh();
  });
}

LessonView* LessonsPage::view_of(const QString& id) const {
  for (LessonView* view : views_) {
    if (QString::fromStdString(view->text().id) == id) return view;
  }
  return views_.front();  // never: ids come from views
}

void LessonsPage::show_again() {
  for (LessonView* view : views_) {
    if (const LessonResult* result = session_.result(QString::fromStdString(view->text().id))) {
      view->show_result(*result);
    }
  }
  if (is_running()) view_of(session_.running())->show_progress(0.0);
  refresh();
}

void LessonsPage::refresh() {
  for (std::size_t row = 0; row < views_.size(); ++row) {
    const QString id = QString::fromStdString(views_[row]->text().id);
    QString obstacle;
    if (!session_.running().isEmpty() && session_.running() != id) {
      obstacle = tr("Another lesson's experiment is going on.");
    } else if (workbench_.session().is_active()) {
      obstacle = tr("A run is going on: stop or finish it first, so that both have the machine to themselves.");
    }
    views_[row]->set_obstacle(obstacle);
    mark(static_cast<int>(row));
  }
}

void LessonsPage::mark(int row) {
  const QString id = QString::fromStdString(views_[static_cast<std::size_t>(row)]->text().id);
  const bool is_done = workbench_.settings().lessons_done().contains(id);
  QListWidgetItem* item = list_->item(row);
  item->setIcon(state_icon(is_done ? StateShape::kCircle : StateShape::kHollow, palette(), fontMetrics().height()));
  item->setData(Qt::AccessibleDescriptionRole, is_done ? tr("done") : tr("not done yet"));
}

void LessonsPage::show_lesson(int row) {
  if (row < 0 || row >= static_cast<int>(views_.size())) return;
  stack_->setCurrentIndex(row);
  if (list_->currentRow() != row) list_->setCurrentRow(row);
}

void LessonsPage::set_projector(bool on) {
  for (LessonView* view : views_) view->set_scale(on ? kProjector : 1.0);
}

void LessonsPage::take_focus() {
  if (views_.empty()) return;
  views_[static_cast<std::size_t>(stack_->currentIndex())]->take_focus();
}

void LessonsPage::reset_layout() {
  const int list_width = character_width(fontMetrics()) * 34;
  split_->setSizes({list_width, width() > list_width ? width() - list_width : 3 * list_width});
}

}  // namespace vernier::ui
