// The window: rail, pages, menus, status bar, messages.
#pragma once

#include <QMainWindow>
#include <QMenu>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <functional>
#include <map>
#include <memory>

#include "ui/frame/command_palette.h"
#include "ui/pages/actions.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {

class InspectPage;
class Page;
class SetupPage;
class StatusStrip;
class WindowPlace;

// The application's property that a signal has asked it to end: windows then ask nothing.
inline constexpr const char* kClosesOnSignal = "closesOnSignal";

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(Workbench& workbench, QWidget* parent = nullptr);

  void show_page(PageId page);
  PageId shown_page() const;
  // In the place of another with the same workbench.
  void take_place(const WindowPlace& place);
  Actions& actions() { return actions_; }
  SetupPage& setup_page() { return *setup_page_; }
  // A page is still working out what it shows.
  bool is_busy() const;

 Q_SIGNALS:
  // The window is closed, to be followed by another in the language chosen, with the same workbench. A run goes on.
  void reopenWanted(const std::shared_ptr<const vernier::ui::WindowPlace>& place);

 protected:
  // While a run goes on: asks it to stop, and closes once it has saved. Where something would be lost: only when asked
  // again.
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  // Escape, where nothing else has a use for it, takes the message away.
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void make_menus();
  void add_page(PageId id, Page* page);
  void make_centre();
  void connect_actions();
  void choose_run();
  void export_run();
  void fill_recent_menu();
  QList<PaletteEntry> palette_entries();
  void tell_run();
  void tell(MessageLevel level, const QString& sentence, const QString& action = {});
  // A note lies over the foot of the Run page, whose curves are read while it comes; else messages stand above a page.
  void place_message();
  void apply_settings();
  void tell_language();
  // Something goes on that belongs to the window, and would end with it.
  bool loses_work();
  void reopen();
  void save_layout();
  void restore_layout();
  void reset_layout();
  void about();

  Workbench& workbench_;
  Actions actions_;
  QMenu* recent_menu_ = nullptr;
  MessageBar* messages_ = nullptr;
  MessageLevel told_ = MessageLevel::kInfo;
  QVBoxLayout* column_ = nullptr;  // message and pages
  QStackedWidget* pages_ = nullptr;
  std::map<PageId, Page*> page_of_;
  InspectPage* inspect_page_ = nullptr;
  SetupPage* setup_page_ = nullptr;
  StatusStrip* status_ = nullptr;
  QByteArray first_layout_;
  QString shown_run_;              // its folder
  std::function<void()> offered_;  // by the button of the message that is shown
  bool closes_when_ended_ = false;
  bool is_reopening_ = false;
  bool loses_knowingly_ = false;  // the window has said what would be lost with it
};

}  // namespace vernier::ui
