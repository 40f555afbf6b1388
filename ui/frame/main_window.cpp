#include "ui/frame/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenuBar>
#include <QMimeData>
#include <QScreen>
#include <QSet>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/frame/command_palette.h"
#include "ui/frame/navigation_rail.h"
#include "ui/frame/page_places.h"
#include "ui/frame/shortcuts_dialog.h"
#include "ui/frame/status_strip.h"
#include "ui/frame/window_place.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/export/export_dialog.h"
#include "ui/pages/inspect/inspect_page.h"
#include "ui/pages/lessons/lessons_page.h"
#include "ui/pages/run/run_page.h"
#include "ui/pages/setup/setup_page.h"
#include "ui/pages/start/start_page.h"
#include "ui/session/model_finder.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/widgets/tool_tips.h"

namespace vernier::ui {
namespace {

constexpr QSize kFirstSize(1280, 800);
constexpr QSize kFrame(8, 40);  // at least what a desktop puts around a window
constexpr QSize kSmallestSize(600, 400);
constexpr int kZoomStep = 10;
const QString kGeometry = QStringLiteral("window");

// A drop's single local file or folder; "" for anything else.
QString dropped_path(const QMimeData& data) {
  const QList<QUrl> urls = data.urls();
  return urls.size() == 1 && urls.front().isLocalFile() ? urls.front().toLocalFile() : QString();
}

// A model, an adapter or data goes to the run that is set up; any other folder is opened as a run.
bool is_run_folder(const QString& path) {
  return QFileInfo(path).isDir() && !is_model_folder(path) && !is_adapter_folder(path);
}

}  // namespace

MainWindow::MainWindow(Workbench& workbench, QWidget* parent)
    : QMainWindow(parent), workbench_(workbench), actions_(workbench) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowIcon(window_icon());
  tell_run();
  setAcceptDrops(true);
  setMinimumSize(kSmallestSize);
  resize(kFirstSize.boundedTo(screen()->availableSize() - kFrame));
  apply_settings();
  make_centre();
  make_menus();
  status_ = new StatusStrip(workbench_, this);
  setStatusBar(status_);
  connect_actions();
  new WrappedToolTips(this);
  first_layout_ = saveGeometry();
  restore_layout();
  show_page(PageId::kStart);
}

void MainWindow::make_centre() {
  auto* centre = new QWidget(this);
  auto* row = new QHBoxLayout(centre);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(new NavigationRail(workbench_.run(), actions_, centre));
  auto* line = new QFrame(centre);
  line->setFrameShape(QFrame::VLine);
  line->setFrameShadow(QFrame::Plain);
  line->setForegroundRole(QPalette::Mid);
  row->addWidget(line);
  column_ = new QVBoxLayout;
  column_->setSpacing(0);
  messages_ = new MessageBar(centre);
  messages_->setObjectName(QStringLiteral("messageBar"));
  column_->addWidget(messages_);
  pages_ = new QStackedWidget(centre);
  pages_->installEventFilter(this);
  inspect_page_ = new InspectPage(workbench_, actions_, pages_);
  add_page(PageId::kStart, new StartPage(workbench_, actions_, pages_));
  setup_page_ = new SetupPage(workbench_, actions_, pages_);
  add_page(PageId::kSetUp, setup_page_);
  add_page(PageId::kRun, new RunPage(workbench_, actions_, pages_));
  add_page(PageId::kInspect, inspect_page_);
  add_page(PageId::kCompare, new ComparePage(workbench_, actions_, pages_));
  add_page(PageId::kLessons, new LessonsPage(workbench_, run_lesson, pages_));
  column_->addWidget(pages_, 1);
  row->addLayout(column_, 1);
  setCentralWidget(centre);
}

void MainWindow::add_page(PageId id, Page* page) {
  page_of_[id] = page;
  pages_->addWidget(page);
  QAction* action = actions_.of_page(id);
  action->setVisible(true);
  action->setEnabled(true);
  connect(action, &QAction::triggered, this, [this, id] { show_page(id); });
}

void MainWindow::make_menus() {
  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addActions({actions_.open_run, actions_.open_demo});
  recent_menu_ = file->addMenu(tr("&Recent runs"));
  connect(recent_menu_, &QMenu::aboutToShow, this, &MainWindow::fill_recent_menu);
  file->addSeparator();
  file->addActions({actions_.new_draft, actions_.open_run_file, actions_.save_run_file});
  file->addSeparator();
  file->addAction(actions_.export_run);
  file->addSeparator();
  file->addAction(actions_.quit);

  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  edit->addActions({actions_.undo, actions_.redo});
  edit->addSeparator();
  edit->addAction(actions_.copy_command);

  QMenu* run = menuBar()->addMenu(tr("&Run"));
  run->addAction(actions_.start_draft);
  run->addSeparator();
  run->addActions({actions_.start, actions_.pause, actions_.resume, actions_.single_step, actions_.stop});
  run->addSeparator();
  run->addActions({actions_.save, actions_.check_parity});
  run->addSeparator();
  run->addActions({actions_.follow_newest, actions_.notify_at_end});

  QMenu* view = menuBar()->addMenu(tr("&View"));
  view->addActions(actions_.pages->actions());
  QMenu* views = view->addMenu(tr("&Views of the Inspect page"));
  views->addActions(actions_.inspect_views->actions());
  view->addAction(actions_.inspect_details);
  view->addActions({actions_.log_loss, actions_.smooth_loss});
  view->addAction(actions_.palette);
  view->addSeparator();
  view->addActions({actions_.zoom_in, actions_.zoom_out, actions_.zoom_reset});
  view->addSeparator();
  view->addActions(actions_.themes->actions());
  view->addSeparator();
  view->addMenu(tr("Lan&guage"))->addActions(actions_.languages->actions());
  view->addSeparator();
  view->addAction(actions_.reset_layout);

  QMenu* help = menuBar()->addMenu(tr("&Help"));
  help->addActions({actions_.shortcuts, actions_.about});
}

void MainWindow::connect_actions() {
  connect(actions_.open_run, &QAction::triggered, this, &MainWindow::choose_run);
  connect(actions_.export_run, &QAction::triggered, this, &MainWindow::export_run);
  connect(actions_.quit, &QAction::triggered, this, &QWidget::close);
  connect(actions_.inspect_details, &QAction::toggled, inspect_page_, &InspectPage::set_details_shown);
  connect(actions_.inspect_details, &QAction::triggered, this, [this](bool shown) {
    if (shown) show_page(PageId::kInspect);
  });
  connect(inspect_page_, &InspectPage::wanted, this, [this] { show_page(PageId::kInspect); });
  connect(inspect_page_, &InspectPage::detailsClosed, actions_.inspect_details,
          [this] { actions_.inspect_details->setChecked(false); });
  connect(actions_.palette, &QAction::triggered, this,
          [this] { (new CommandPalette(palette_entries(), this))->show(); });
  Settings& settings = workbench_.settings();
  connect(actions_.zoom_in, &QAction::triggered, this, [&settings] { settings.set_zoom(settings.zoom() + kZoomStep); });
  connect(actions_.zoom_out, &QAction::triggered, this,
          [&settings] { settings.set_zoom(settings.zoom() - kZoomStep); });
  connect(actions_.zoom_reset, &QAction::triggered, this, [&settings] { settings.set_zoom(100); });
  connect(actions_.theme_system, &QAction::triggered, this, [&settings] { settings.set_theme(Theme::kSystem); });
  connect(actions_.theme_light, &QAction::triggered, this, [&settings] { settings.set_theme(Theme::kLight); });
  connect(actions_.theme_dark, &QAction::triggered, this, [&settings] { settings.set_theme(Theme::kDark); });
  connect(&settings, &Settings::themeChanged, this, &MainWindow::apply_settings);
  connect(&settings, &Settings::zoomChanged, this, &MainWindow::apply_settings);
  connect(&settings, &Settings::languageChanged, this, &MainWindow::tell_language);
  connect(messages_, &MessageBar::actionTriggered, this, [this] {
    if (const auto offered = offered_) offered();
  });
  connect(actions_.reset_layout, &QAction::triggered, this, &MainWindow::reset_layout);
  connect(actions_.shortcuts, &QAction::triggered, this,
          [this] { (new ShortcutsDialog(actions_.all(), this))->show(); });
  connect(actions_.about, &QAction::triggered, this, &MainWindow::about);
  connect(status_, &StatusStrip::runWanted, actions_.page_run, &QAction::trigger);
  connect(status_, &StatusStrip::parityWanted, this, [this] {
    show_page(PageId::kInspect);
    inspect_page_->show_parity();
  });
  connect(&workbench_, &Workbench::pageWanted, this, &MainWindow::show_page);
  connect(&workbench_, &Workbench::noticed, this,
          [this](MessageLevel level, const QString& sentence) { tell(level, sentence); });
  // What was said before another run is shown, or of a run's end before it goes on, does not hold any more.
  connect(&workbench_.run(), &RunModel::wasReset, this, [this] {
    tell_run();
    const QString run_dir = workbench_.run().run_dir();
    if (std::exchange(shown_run_, run_dir) != run_dir) messages_->hide();
  });
  connect(&workbench_.run(), &RunModel::activityChanged, this, [this](Activity activity) {
    if (activity == Activity::kLoading) messages_->hide();
  });
  connect(&workbench_, &Workbench::runEnded, this, [this](const RunResult& result) {
    if (result.status == RunStatus::kFinished) {
      // The end has been told; this is what mostly follows.
      offered_ = [this] { export_run(); };
      tell(MessageLevel::kInfo, messages_->text(), actions_.export_run->iconText());
    }
    if (closes_when_ended_) close();
  });
}

void MainWindow::show_page(PageId page) {
  workbench_.set_prefers_captured(page == PageId::kInspect);
  Page* shown = page_of_.at(page);
  pages_->setCurrentWidget(shown);
  place_message();
  shown->take_focus();
  actions_.of_page(page)->setChecked(true);
}

PageId MainWindow::shown_page() const {
  const auto shown =
      std::ranges::find_if(page_of_, [this](const auto& entry) { return entry.second == pages_->currentWidget(); });
  return shown != page_of_.end() ? shown->first : PageId::kStart;
}

void MainWindow::tell(MessageLevel level, const QString& sentence, const QString& action) {
  told_ = level;
  messages_->showMessage(level, sentence, action);
  place_message();
}

void MainWindow::place_message() {
  const auto run = page_of_.find(PageId::kRun);
  // In a low window it would lie over what is looked at.
  constexpr int kLeastHeight = 560;
  if (told_ != MessageLevel::kInfo || run == page_of_.end() || pages_->currentWidget() != run->second ||
      centralWidget()->height() < kLeastHeight) {
    if (column_->indexOf(messages_) < 0) column_->insertWidget(0, messages_);
    return;
  }
  column_->removeWidget(messages_);
  const QRect page = pages_->geometry();
  const int height = messages_->heightForWidth(page.width());
  messages_->setGeometry(page.left(), page.bottom() + 1 - height, page.width(), height);
  messages_->raise();
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Escape || !messages_->isVisible()) return QMainWindow::keyPressEvent(event);
  messages_->dismiss();
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
  if (watched == pages_ && event->type() == QEvent::Resize) place_message();
  return QMainWindow::eventFilter(watched, event);
}

QList<PaletteEntry> MainWindow::palette_entries() {
  QList<PaletteEntry> entries = entries_of(actions_.all());
  QSet<QString> known;
  for (const PaletteEntry& entry : std::as_const(entries)) known.insert(entry.name);
  for (const auto& [id, page] : page_of_) {
    for (const PaletteEntry& place :
         places_of(*page, actions_.of_page(id)->iconText(), [this, id = id] { show_page(id); })) {
      if (!known.contains(place.name)) entries.append(place);  // the views of a page are actions already
    }
  }
  return entries;
}

bool MainWindow::is_busy() const {
  return std::ranges::any_of(page_of_, [](const auto& entry) { return entry.second->is_busy(); });
}

// Which run a window shows is seen from the desktop too.
void MainWindow::tell_run() {
  const QString name = workbench_.run().name();
  setWindowTitle(name.isEmpty() ? tr("Vernier") : tr("%1 \u2013 Vernier").arg(name));
}

void MainWindow::apply_settings() {
  const Settings& settings = workbench_.settings();
  apply_theme(settings.theme());
  apply_zoom(settings.zoom());
  actions_.theme_system->setChecked(settings.theme() == Theme::kSystem);
  actions_.theme_light->setChecked(settings.theme() == Theme::kLight);
  actions_.theme_dark->setChecked(settings.theme() == Theme::kDark);
  for (QAction* language : actions_.languages->actions()) {
    language->setChecked(language->data().value<Language>() == settings.language());
  }
}

// Texts are made once, with their widgets: another language needs another window.
void MainWindow::tell_language() {
  apply_settings();
  const QString sentence =
      tr("The window speaks the other language from its next start on: what is shown is not translated again.");
  if (resolved(workbench_.settings().language()) == spoken_language()) {
    if (messages_->text() == sentence) messages_->hide();
    return;
  }
  offered_ = [this] { reopen(); };
  tell(MessageLevel::kInfo, sentence, tr("&Switch now"));
}

bool MainWindow::loses_work() {
  return setup_page_->is_waiting() || std::ranges::any_of(findChildren<ExportDialog*>(), [](ExportDialog* dialog) {
           return dialog->session().is_busy();
         });
}

void MainWindow::reopen() {
  if (loses_work()) {
    tell(
        MessageLevel::kWarning,
        tr("An export that goes on, or a start that waits, would be lost with this window: let it end, or stop it, and "
           "switch then."),
        tr("&Switch now"));
    return;
  }
  const auto place = std::make_shared<const WindowPlace>(*this);
  is_reopening_ = true;
  if (close()) Q_EMIT reopenWanted(place);
}

void MainWindow::take_place(const WindowPlace& place) {
  workbench_.run().tell_again();
  workbench_.selection().tellAgain();
  place.restore(*this);
}

void MainWindow::choose_run() {
  const QString folder =
      QFileDialog::getExistingDirectory(this, tr("Open a run folder"), workbench_.settings().last_folder());
  if (folder.isEmpty()) return;
  workbench_.settings().set_last_folder(QFileInfo(folder).absolutePath());
  workbench_.open_run(folder);
}

// One window a run: asked for again, it comes to the front.
void MainWindow::export_run() {
  const QString run_dir = workbench_.run().run_dir();
  for (ExportDialog* open : findChildren<ExportDialog*>()) {
    if (open->run_dir() != run_dir) continue;
    open->raise();
    open->activateWindow();
    return;
  }
  (new ExportDialog(workbench_, run_dir, this))->show();
}

void MainWindow::fill_recent_menu() {
  recent_menu_->clear();
  const QStringList runs = workbench_.settings().recent_runs();
  for (const QString& run : runs) {
    QAction* action = recent_menu_->addAction(QDir::toNativeSeparators(run));
    action->setEnabled(workbench_.can_open());
    connect(action, &QAction::triggered, this, [this, run] { workbench_.open_run(run); });
  }
  if (runs.isEmpty()) recent_menu_->addAction(tr("No run yet"))->setEnabled(false);
}

void MainWindow::save_layout() {
  Settings& settings = workbench_.settings();
  settings.set_layout(kGeometry, saveGeometry());
  for (const QSplitter* splitter : findChildren<QSplitter*>()) {
    settings.set_layout(splitter->objectName(), splitter->saveState());
  }
  for (const QMainWindow* docks : findChildren<QMainWindow*>()) {
    settings.set_layout(docks->objectName(), docks->saveState());
  }
}

void MainWindow::restore_layout() {
  const Settings& settings = workbench_.settings();
  restoreGeometry(settings.layout(kGeometry));
  for (QSplitter* splitter : findChildren<QSplitter*>())
    splitter->restoreState(settings.layout(splitter->objectName()));
  for (QMainWindow* docks : findChildren<QMainWindow*>()) docks->restoreState(settings.layout(docks->objectName()));
  actions_.inspect_details->setChecked(inspect_page_->details_shown());
}

void MainWindow::reset_layout() {
  workbench_.settings().forget_layouts();
  restoreGeometry(first_layout_);
  for (const auto& [id, page] : page_of_) page->reset_layout();
  actions_.inspect_details->setChecked(true);
}

void MainWindow::about() {
  tell(MessageLevel::kInfo,
       tr("Vernier %1 trains language models on the machine it runs on, and shows what the training "
          "really does, token by token. GPL-3.0-or-later. Built on Qt %2 and QCustomPlot.")
           .arg(QApplication::applicationVersion(), QLatin1String(qVersion())));
}

void MainWindow::closeEvent(QCloseEvent* event) {
  // A signal is nobody's slip, and waits for no answer.
  const bool is_asked = QApplication::instance()->property(kClosesOnSignal).toBool();
  if (loses_work() && !is_reopening_ && !is_asked && !loses_knowingly_) {
    event->ignore();
    loses_knowingly_ = true;
    tell(
        MessageLevel::kWarning,
        tr("An export that goes on, or a start that waits, would be lost with this window. Close it again to let it be "
           "lost."));
    return;
  }
  if (workbench_.session().is_active() && !is_reopening_) {
    event->ignore();
    closes_when_ended_ = true;
    tell(MessageLevel::kInfo, tr("Saving: the run ends after its current step, then this window closes by itself."));
    workbench_.stop();
    return;
  }
  save_layout();
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!dropped_path(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QString path = dropped_path(*event->mimeData());
  if (path.isEmpty()) return;
  event->acceptProposedAction();
  if (is_run_folder(path)) {
    workbench_.open_run(path);
  } else {
    show_page(PageId::kSetUp);
    setup_page_->take_path(path);
  }
}

}  // namespace vernier::ui
