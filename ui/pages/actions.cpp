#include "ui/pages/actions.h"

#include <utility>

#include "ui/pages/describe.h"

namespace vernier::ui {

Actions::Actions(Workbench& workbench, QObject* parent) : QObject(parent), workbench_(workbench) {
  add_file_actions();
  add_draft_actions();
  add_run_actions();
  add_view_actions();
  shortcuts = add("shortcutsAction", tr("&Keyboard shortcuts"), QKeySequence::HelpContents,
                  tr("Lists every key that does something."));
  about = add("aboutAction", tr("&About Vernier"), {}, tr("Says which version this is and what it is built on."));
  connect(&workbench_, &Workbench::abilitiesChanged, this, &Actions::refresh);
  refresh();
}

QAction* Actions::add(const char* name, const QString& text, const QKeySequence& keys, const QString& tool_tip) {
  auto* action = new QAction(text, this);
  action->setObjectName(QLatin1String(name));
  action->setIconText(without_mnemonic(text));
  action->setShortcut(keys);
  action->setToolTip(keys.isEmpty() ? tool_tip : tr("%1 (%2)").arg(tool_tip, keys.toString(QKeySequence::NativeText)));
  action->setStatusTip(tool_tip);
  all_.append(action);
  return action;
}

QAction* Actions::add(const char* name, const QString& text, const QKeySequence& keys, const QString& tool_tip,
                      Icon icon) {
  QAction* action = add(name, text, keys, tool_tip);
  action->setIcon(make_icon(icon));
  return action;
}

QAction* Actions::of_page(PageId page) const {
  switch (page) {
    case PageId::kStart:
      return page_start;
    case PageId::kSetUp:
      return page_set_up;
    case PageId::kRun:
      return page_run;
    case PageId::kInspect:
      return page_inspect;
    case PageId::kCompare:
      return page_compare;
    case PageId::kLessons:
      return page_lessons;
  }
  return nullptr;
}

QAction* Actions::add_inspect_view(const QString& object_name, const QString& title, const QString& tool_tip) {
  QAction* action = add(qPrintable(object_name), tr("Inspect: %1").arg(title), {}, tool_tip);
  inspect_views->addAction(action);
  return action;
}

void Actions::add_file_actions() {
  open_run = add("openRunAction", tr("&Open run folder\u2026"), QKeySequence::Open,
                 tr("Shows a run that was made before, by this window or by vernier-cli."), Icon::kFolder);
  open_demo =
      add("openDemoAction", tr("Try the &demo"), QKeySequence(Qt::CTRL | Qt::Key_D),
          tr("Opens the bundled model and data, ready to start: a minute of training on any machine."), Icon::kDemo);
  export_run =
      add("exportRunAction", tr("&Export the run\u2026"), QKeySequence(Qt::CTRL | Qt::Key_E),
          tr("Writes what was trained for other programs: an adapter, a merged checkpoint, a GGUF file; or the "
             "run itself as one page for any browser."),
          Icon::kSave);
  quit = add("quitAction", tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q),
             tr("Closes the window. A run that goes on is stopped after its step and saved."));
  connect(open_demo, &QAction::triggered, &workbench_, &Workbench::open_demo);
}

void Actions::add_draft_actions() {
  undo = add("undoAction", tr("&Undo"), QKeySequence::Undo, tr("Takes back the last change of the run being set up."),
             Icon::kUndo);
  redo = add("redoAction", tr("&Redo"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z),
             tr("Makes the change again that was taken back."), Icon::kRedo);
  new_draft = add("newDraftAction", tr("Set up a &new run"), QKeySequence::New,
                  tr("Begins with balanced settings; the model stays. Undo brings the run before it back."));
  open_run_file = add("openRunFileAction", tr("Open run &file\u2026"), {},
                      tr("Reads the settings of a run.json, such as a run's folder holds."), Icon::kFolder);
  save_run_file = add("saveRunFileAction", tr("Save run file &as\u2026"), QKeySequence::SaveAs,
                      tr("Writes the settings as a run.json, which vernier-cli and this page read."), Icon::kSave);
  copy_command = add("copyCommandAction", tr("&Copy as command"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C),
                     tr("Copies the vernier-cli line that starts this very run from a terminal."), Icon::kCopy);
  start_draft = add("startDraftAction", tr("Start the run that is set &up"), QKeySequence(Qt::CTRL | Qt::Key_Return),
                    tr("Starts training with these settings, and goes to the Run page."), Icon::kPlay);
  QUndoStack& stack = workbench_.draft().undo_stack();
  connect(undo, &QAction::triggered, &stack, &QUndoStack::undo);
  connect(redo, &QAction::triggered, &stack, &QUndoStack::redo);
  connect(&stack, &QUndoStack::canUndoChanged, undo, &QAction::setEnabled);
  connect(&stack, &QUndoStack::canRedoChanged, redo, &QAction::setEnabled);
  connect(&stack, &QUndoStack::undoTextChanged, undo,
          [this](const QString& what) { undo->setText(what.isEmpty() ? tr("&Undo") : tr("&Undo: %1").arg(what)); });
  connect(&stack, &QUndoStack::redoTextChanged, redo,
          [this](const QString& what) { redo->setText(what.isEmpty() ? tr("&Redo") : tr("&Redo: %1").arg(what)); });
  undo->setEnabled(stack.canUndo());
  redo->setEnabled(stack.canRedo());
  undo->setIconText(tr("Undo"));
  redo->setIconText(tr("Redo"));
  open_run_file->setIconText(tr("Open\u2026"));
  save_run_file->setIconText(tr("Save as\u2026"));
  undo->setEnabled(stack.canUndo());
  redo->setEnabled(stack.canRedo());
}

void Actions::add_run_actions() {
  start = add("startAction", tr("&Start"), QKeySequence(Qt::Key_F5),
              tr("Starts training with the configuration that is shown."), Icon::kPlay);
  pause = add("pauseAction", tr("&Pause"), QKeySequence(Qt::Key_F6),
              tr("Waits before the next optimizer step. Everything stays in memory."), Icon::kPause);
  resume = add("resumeAction", tr("&Resume"), QKeySequence(Qt::Key_F7),
               tr("Goes on: a paused run at once, a stopped one from its last checkpoint, to the same bits."),
               Icon::kResume);
  single_step = add("singleStepAction", tr("S&ingle step"), QKeySequence(Qt::Key_F10),
                    tr("While paused: does one optimizer step, then waits again."), Icon::kStep);
  stop = add("stopAction", tr("S&top"), QKeySequence(Qt::SHIFT | Qt::Key_F5),
             tr("Ends after the current step and saves a checkpoint to resume from."), Icon::kStop);
  save = add("saveAction", tr("Save &checkpoint"), QKeySequence::Save,
             tr("Writes adapter, optimizer and random state after the current step; the run goes on."), Icon::kSave);
  check_parity = add("checkParityAction", tr("Check p&arity now"), QKeySequence(Qt::CTRL | Qt::Key_P),
                     tr("Runs one batch through training, evaluation and decoding, and compares each with a plain "
                        "reference."),
                     Icon::kCheck);
  follow_newest = add("followNewestAction", tr("&Follow the newest step"), QKeySequence(Qt::Key_F8),
                      tr("Selects each new step as it arrives, until you pick one yourself."));
  follow_newest->setCheckable(true);
  connect(start, &QAction::triggered, &workbench_, &Workbench::start);
  connect(pause, &QAction::triggered, &workbench_, &Workbench::pause);
  connect(resume, &QAction::triggered, &workbench_, &Workbench::resume);
  connect(single_step, &QAction::triggered, &workbench_, &Workbench::single_step);
  connect(stop, &QAction::triggered, &workbench_, &Workbench::stop);
  connect(save, &QAction::triggered, &workbench_, &Workbench::save_checkpoint);
  connect(check_parity, &QAction::triggered, &workbench_, &Workbench::check_parity);
  connect(follow_newest, &QAction::toggled, &workbench_.selection(), &SelectionModel::setFollowsNewest);
  connect(&workbench_.selection(), &SelectionModel::followsNewestChanged, follow_newest, &QAction::setChecked);
  follow_newest->setChecked(workbench_.selection().follows_newest());
}

void Actions::add_view_actions() {
  pages = new QActionGroup(this);
  page_start = add("pageStartAction", tr("&Start page"), QKeySequence(Qt::CTRL | Qt::Key_1),
                   tr("Recent runs, a run folder, or the demo."), Icon::kStart);
  page_start->setIconText(tr("Start"));
  page_set_up =
      add("pageSetUpAction", tr("Set &up page"), QKeySequence(Qt::CTRL | Qt::Key_2),
          tr("A run from a model and a data file: what is learnt, how, and whether it will work."), Icon::kSetUp);
  page_set_up->setIconText(tr("Set up"));
  page_run = add("pageRunAction", tr("&Run page"), QKeySequence(Qt::CTRL | Qt::Key_3),
                 tr("The loss as it falls, and the sequences of every step."), Icon::kRun);
  page_run->setIconText(tr("Run"));
  page_inspect = add("pageInspectAction", tr("&Inspect page"), QKeySequence(Qt::CTRL | Qt::Key_4),
                     tr("Tokens, logits and the parity of the three paths, close up."), Icon::kInspect);
  page_inspect->setIconText(tr("Inspect"));
  page_compare = add("pageCompareAction", tr("&Compare page"), QKeySequence(Qt::CTRL | Qt::Key_5),
                     tr("Runs side by side: their curves, what was set otherwise, and their answers."), Icon::kCompare);
  page_compare->setIconText(tr("Compare"));
  page_lessons =
      add("pageLessonsAction", tr("&Lessons page"), QKeySequence(Qt::CTRL | Qt::Key_6),
          tr("Short experiments that show what goes wrong in fine-tuning, and how to see it."), Icon::kLessons);
  page_lessons->setIconText(tr("Lessons"));
  for (QAction* page : {page_start, page_set_up, page_run, page_inspect, page_compare, page_lessons}) {
    page->setCheckable(true);
    page->setVisible(false);
    page->setEnabled(false);
    pages->addAction(page);
  }
  inspect_views = new QActionGroup(this);
  inspect_details = add("inspectDetailsAction", tr("Details of the &Inspect page"), QKeySequence(Qt::Key_F9),
                        tr("Shows or hides the panel beside the tokens: the selected token, parity, return logits."));
  inspect_details->setCheckable(true);
  inspect_details->setChecked(true);
  // Their keys, L and S, are the plot's own: a letter must not leave a text field.
  log_loss = add("logLossAction", tr("&Logarithmic loss"), {},
                 tr("Draws the loss on a logarithmic axis, where equal ratios are equal heights. On the plot: L."));
  smooth_loss = add(
      "smoothLossAction", tr("S&mooth the loss"), {},
      tr("Draws a moving mean in bold over the thin raw curves of runs with sixty steps or more. Of the two numbers at "
         "a line's end the first is the last step's own, the second the mean's. On the plot: S."));
  log_loss->setCheckable(true);
  smooth_loss->setCheckable(true);
  log_loss->setChecked(workbench_.settings().is_loss_logarithmic());
  smooth_loss->setChecked(workbench_.settings().is_loss_smoothed());
  connect(log_loss, &QAction::toggled, &workbench_.settings(), &Settings::set_loss_logarithmic);
  connect(smooth_loss, &QAction::toggled, &workbench_.settings(), &Settings::set_loss_smoothed);
  notify_at_end = add("notifyAtEndAction", tr("&Notify when training ends"), {},
                      tr("Shows a message on the desktop when a run ends while you look elsewhere."));
  notify_at_end->setCheckable(true);
  notify_at_end->setChecked(workbench_.settings().notifies_at_end());
  connect(notify_at_end, &QAction::toggled, &workbench_.settings(), &Settings::set_notifies_at_end);
  palette = add("paletteAction", tr("Find a &command\u2026"), QKeySequence(Qt::CTRL | Qt::Key_K),
                tr("Searches pages, actions and settings by a few letters."));
  zoom_in = add("zoomInAction", tr("Zoom &in"), QKeySequence::ZoomIn, tr("Makes all text larger."));
  zoom_out = add("zoomOutAction", tr("Zoom &out"), QKeySequence::ZoomOut, tr("Makes all text smaller."));
  zoom_reset = add("zoomResetAction", tr("&Normal size"), QKeySequence(Qt::CTRL | Qt::Key_0),
                   tr("Text in the size that the desktop asks for."));
  themes = new QActionGroup(this);
  theme_system = add("themeSystemAction", tr("Theme: as the &desktop"), {}, tr("Colours follow the desktop."));
  theme_light = add("themeLightAction", tr("Theme: &light"), {}, tr("Dark text on a light ground."));
  theme_dark = add("themeDarkAction", tr("Theme: d&ark"), {}, tr("Light text on a dark ground."));
  for (QAction* theme : {theme_system, theme_light, theme_dark}) {
    theme->setCheckable(true);
    themes->addAction(theme);
  }
  add_languages();
  reset_layout = add("resetLayoutAction", tr("Reset la&yout"), {},
                     tr("Puts splitters, panels and the window back as they were at the first start."));
}

void Actions::add_languages() {
  languages = new QActionGroup(this);
  const auto add_language = [this](const char* name, Language language, const QString& text, const QString& tool_tip) {
    QAction* action = add(name, text, {}, tool_tip);
    action->setCheckable(true);
    action->setData(QVariant::fromValue(language));
    languages->addAction(action);
    connect(action, &QAction::triggered, &workbench_.settings(),
            [this, language] { workbench_.settings().set_language(language); });
  };
  add_language("languageSystemAction", Language::kSystem, tr("Language: same as the &system"),
               tr("The window speaks simplified Chinese where the desktop does, else English."));
  // Each is also named in itself, for those who cannot read the window's.
  add_language("languageEnglishAction", Language::kEnglish, tr("Language: &English"),
               tr("The window speaks English, from its next start on."));
  add_language("languageChineseAction", Language::kChinese, tr("Language: \u7b80\u4f53\u4e2d\u6587 (&C)"),
               tr("The window speaks simplified Chinese, from its next start on."));
}

void Actions::refresh() {
  const Activity activity = workbench_.run().activity();
  const std::pair<QAction*, bool> abilities[] = {
      {start, workbench_.can_start()},
      {pause, workbench_.can_pause()},
      {resume, workbench_.can_resume()},
      {single_step, workbench_.can_single_step()},
      {stop, workbench_.can_stop()},
      {save, workbench_.can_ask()},
      {check_parity, workbench_.can_ask()},
      {open_run, workbench_.can_open()},
      {open_demo, workbench_.can_open()},
      {export_run, activity != Activity::kNone && activity != Activity::kReady && activity != Activity::kLoading},
  };
  // First what can be done now: a button that loses the keyboard looks for another that may have it.
  for (const bool can : {true, false}) {
    for (const auto& [action, able] : abilities) {
      if (able == can) action->setEnabled(can);
    }
  }
}

}  // namespace vernier::ui
