// Models are loaded once for whoever asks, and used by one thread at a time.
#include "ui/session/model_shelf.h"

#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "vernier/demo.h"
#include "vernier/error.h"

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using namespace vernier;
using namespace vernier::ui;

class ModelShelfTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
    first_ = copy("first");
    second_ = copy("second");
    models_ = std::make_shared<LoadedModels>();
    loads_ = 0;
  }

  void loadsOnceWhoeverAsks() {
    const LanguageModel* model = nullptr;
    {
      const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
      QVERIFY(loan[0].info().parameters > 0);
      model = &loan[0];
    }
    QCOMPARE(loads_, 1);
    // By another spelling of its folder.
    const LoadedModels::Loan loan = borrow({{.model_dir = first_ + "/../first/"}});
    QCOMPARE(&loan[0], model);
    QCOMPARE(loads_, 1);
  }

  void loadsWhatIsWantedAndLetsGoOfTheRest() {
    const LanguageModel* model = nullptr;
    {
      const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
      model = &loan[0];
    }
    {
      const LoadedModels::Loan loan = borrow({{.model_dir = second_}, {.model_dir = first_}});
      QCOMPARE(&loan[1], model);
      QVERIFY(&loan[0] != model);
    }
    QCOMPARE(loads_, 2);
    borrow({{.model_dir = second_}});
    QCOMPARE(loads_, 2);
    borrow({{.model_dir = first_}});
    QCOMPARE(loads_, 3);
    // In 4 bits it is another model.
    borrow({{.model_dir = first_, .quantization = "nf4"}});
    QCOMPARE(loads_, 4);
  }

  void loadsWhatWasSavedAnew() {
    const fs::file_time_type before = borrow({{.model_dir = first_}}).written(0);
    const fs::path config = fs::path(first_) / "config.json";
    fs::last_write_time(config, fs::last_write_time(config) + 1s);
    const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
    QCOMPARE(loads_, 2);
    QVERIFY(loan.written(0) > before);
  }

  void lendsToOneAtATime() {
    std::atomic<bool> waits = false, has = false;
    std::jthread other;
    {
      const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
      other = std::jthread([&] {
        const LoadedModels::Loan late = models_->borrow({{.model_dir = first_}}, [&] { waits = true; }, {}, {});
        has = true;
      });
      while (!waits) std::this_thread::sleep_for(1ms);
      std::this_thread::sleep_for(20ms);
      QVERIFY(!has);
    }
    other.join();
    QVERIFY(has);
  }

  void waitingCanBeStopped() {
    const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
    std::stop_source stop;
    std::atomic<bool> was_stopped = false;
    std::jthread other([&] {
      try {
        models_->borrow(
            {{.model_dir = first_}}, [&] { stop.request_stop(); }, {}, stop.get_token());
      } catch (const Error& error) {
        was_stopped = error.code() == ErrorCode::kCancelled;
      }
    });
    other.join();
    QVERIFY(was_stopped);
  }

  void forgetsAtOnceOrWhenTheyComeBack() {
    borrow({{.model_dir = first_}});
    models_->forget();
    {
      const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
      QCOMPARE(loads_, 2);
      models_->forget();
      QVERIFY(loan[0].info().parameters > 0);  // still there
    }
    borrow({{.model_dir = first_}});
    QCOMPARE(loads_, 3);
  }

  void isFreeAgainAfterALoadingThatFailed() {
    QVERIFY_EXCEPTION_THROWN(borrow({{.model_dir = first_}, {.model_dir = folder_->path().toStdString()}}), Error);
    const LoadedModels::Loan loan = borrow({{.model_dir = first_}});
    QVERIFY(loan[0].tokenizer() != nullptr);
    QCOMPARE(&tokenizer_of(loan[0], first_), loan[0].tokenizer());
  }

 private:
  std::string copy(const std::string& name) const {
    const fs::path to = fs::path(folder_->path().toStdString()) / name;
    fs::copy(load_demo().model_dir, to, fs::copy_options::recursive);
    return to.string();
  }
  LoadedModels::Loan borrow(const std::vector<WantedModel>& wanted) {
    double before = 2.0;
    return models_->borrow(wanted, {},
                           [this, before](double fraction) mutable {
                             if (fraction < before) ++loads_;  // begins anew
                             before = fraction;
                           },
                           {});
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::string first_, second_;
  std::shared_ptr<LoadedModels> models_;
  int loads_ = 0;
};

QTEST_GUILESS_MAIN(ModelShelfTest)
#include "model_shelf_test.moc"
