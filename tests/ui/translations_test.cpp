// The files of translations and the texts of the resources, against the sources: nothing missing, nothing stale, and
// every translation fit to stand where its source stands.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace vernier {
namespace {

const QString kSources = QStringLiteral(VERNIER_SOURCE_DIR);
const QString kLupdate = QStringLiteral(VERNIER_LUPDATE);
const QString kRefresh =
    QStringLiteral("Build the target update_translations, then translate what is new in Qt Linguist.");

constexpr double kLeastSaid = 0.75;  // of a phrase

struct Message {
  QStringList forms;  // one, or one a plural form
  bool is_plural = false;
  bool is_finished = true;
};

// Context, source and comment, as one line.
using Messages = std::map<QString, Message>;

QString source_of(const QString& key) {
  return key.section(QStringLiteral(" | "), 1);
}

Messages read(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) qFatal("%s cannot be read", qPrintable(path));
  QXmlStreamReader xml(&file);
  Messages messages;
  QString context, source, comment;
  Message message;
  while (!xml.atEnd()) {
    const QXmlStreamReader::TokenType token = xml.readNext();
    const QStringView name = xml.name();
    if (token == QXmlStreamReader::EndElement && name == QLatin1String("message")) {
      const QString key = QStringLiteral("%1 | %2").arg(context, source);
      messages[comment.isEmpty() ? key : QStringLiteral("%1 (%2)").arg(key, comment)] = message;
    }
    if (token != QXmlStreamReader::StartElement) continue;
    if (name == QLatin1String("name")) {
      context = xml.readElementText();
    } else if (name == QLatin1String("message")) {
      message = {};
      comment.clear();
      message.is_plural = xml.attributes().value(QLatin1String("numerus")) == QLatin1String("yes");
    } else if (name == QLatin1String("source")) {
      source = xml.readElementText();
    } else if (name == QLatin1String("comment")) {
      comment = xml.readElementText();
    } else if (name == QLatin1String("translation")) {
      message.is_finished = !xml.attributes().hasAttribute(QLatin1String("type"));
      if (!message.is_plural) message.forms << xml.readElementText();
    } else if (name == QLatin1String("numerusform")) {
      message.forms << xml.readElementText();
    }
  }
  if (xml.hasError()) qFatal("%s: %s", qPrintable(path), qPrintable(xml.errorString()));
  return messages;
}

Messages translations(const char* language) {
  return read(QStringLiteral("%1/resources/i18n/vernier_%2.ts").arg(kSources, QLatin1String(language)));
}

QStringList matches(const QString& text, const QString& pattern) {
  QStringList found;
  for (const QRegularExpressionMatch& match : QRegularExpression(pattern).globalMatch(text)) {
    found << match.captured(match.lastCapturedIndex());
  }
  found.sort();
  return found;
}

// Which arguments a text has places for; how often each stands there is the language's affair.
QStringList placeholders(const QString& text) {
  QStringList found = matches(text, QStringLiteral("%(?:L?\\d{1,2}|n)"));
  found.removeDuplicates();
  return found;
}

QStringList tags(const QString& text) {
  return matches(text, QStringLiteral("</?[a-z]+"));
}

// "&Open" has the letter o; "&amp;" and "R && D" have none.
QStringList mnemonics(const QString& text) {
  QString rest = text;
  rest.remove(QStringLiteral("&&")).remove(QRegularExpression(QStringLiteral("&#?\\w+;")));
  return matches(rest.toLower(), QStringLiteral("&(\\w)"));
}

QString outer_space(const QString& text) {
  const auto is_space = [](QChar c) { return c.isSpace(); };
  const auto leading = std::find_if_not(text.begin(), text.end(), is_space) - text.begin();
  const auto trailing = std::find_if_not(text.rbegin(), text.rend(), is_space) - text.rbegin();
  return text.left(leading) + QLatin1Char('|') + text.right(trailing);
}

// What is wrong with a form of a translation; "" for nothing.
QString fault_of(const QString& source, const QString& form) {
  if (form.trimmed().isEmpty()) return QStringLiteral("is empty");
  if (placeholders(form) != placeholders(source)) return QStringLiteral("has other placeholders");
  if (mnemonics(form) != mnemonics(source)) return QStringLiteral("has another mnemonic");
  if (tags(form) != tags(source)) return QStringLiteral("has other tags");
  if (outer_space(form) != outer_space(source)) return QStringLiteral("begins or ends with other blanks");
  return {};
}

// lupdate's view of the sources.
Messages texts_of_sources() {
  const QTemporaryDir folder;
  const QString path = folder.filePath(QStringLiteral("vernier_zh_CN.ts"));
  QProcess lupdate;
  lupdate.setWorkingDirectory(kSources);
  lupdate.setProcessChannelMode(QProcess::MergedChannels);
  lupdate.start(kLupdate, QStringLiteral("-I . -no-obsolete -locations none ui app -ts").split(QLatin1Char(' '))
                              << path);
  if (!lupdate.waitForFinished(120000) || lupdate.exitCode() != 0) qFatal("%s", lupdate.readAll().constData());
  return read(path);
}

// All literals of the engine's sources, without what joins or parts them.
QString texts_of_engine() {
  static const QRegularExpression kJoint(QStringLiteral("\"\\s*\n\\s*\""));
  QString all;
  QDirIterator files(kSources + QStringLiteral("/engine"), {QStringLiteral("*.cpp"), QStringLiteral("*.h")},
                     QDir::Files, QDirIterator::Subdirectories);
  while (files.hasNext()) {
    QFile file(files.next());
    if (file.open(QIODevice::ReadOnly)) all += QString::fromUtf8(file.readAll());
  }
  return all.remove(kJoint).replace(QStringLiteral("\\\""), QStringLiteral("\""));
}

// How many of the pairs of neighbouring words of a phrase stand in the sources; pairs may be joined from two literals.
double share_said(const QString& phrase, const QString& said) {
  static const QRegularExpression kPlace(QStringLiteral("%\\d"));
  int num_pairs = 0, num_said = 0;
  for (const QString& part : phrase.split(kPlace)) {
    const QStringList words = part.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (qsizetype i = 0; i < std::max<qsizetype>(1, words.size() - 1) && !words.isEmpty(); ++i) {
      ++num_pairs;
      if (said.contains(words.mid(i, 2).join(QLatin1Char(' ')))) ++num_said;
    }
  }
  return num_pairs == 0 ? 0.0 : static_cast<double>(num_said) / num_pairs;
}

nlohmann::json read_json(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return {};
  return nlohmann::json::parse(file.readAll().toStdString());
}

// Same keys, same lengths of lists, same numbers, same {names} in the texts. Where they part, or "".
std::string difference(const nlohmann::json& a, const nlohmann::json& b, const std::string& where) {
  if (a.type() != b.type()) return where + " is of another kind";
  if (a.is_structured()) {
    if (a.size() != b.size()) return where + " has other entries";
    for (const auto& [key, value] : a.items()) {
      const bool has = a.is_array() || b.contains(key);
      if (!has) return where + " lacks " + key;
      const nlohmann::json& other = a.is_array() ? b[std::stoul(key)] : b[key];
      if (const std::string found = difference(value, other, where + "/" + key); !found.empty()) return found;
    }
  } else if (a.is_string()) {
    const QString pattern = QStringLiteral("\\{\\w+\\}");
    const QString text = QString::fromStdString(a.get<std::string>());
    const QString other = QString::fromStdString(b.get<std::string>());
    if (other.trimmed().isEmpty()) return where + " is empty";
    if (matches(text, pattern) != matches(other, pattern)) return where + " has other values in it";
  } else if (a != b) {
    return where + " is another value";
  }
  return {};
}

}  // namespace

class TranslationsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void every_text_is_translated() {
    if (!QFile::exists(kLupdate)) QSKIP("lupdate is not installed");
    const Messages wanted = texts_of_sources();
    QVERIFY(wanted.size() > 2000);
    const Messages chinese = translations("zh_CN"), english = translations("en");
    QStringList faults;
    for (const auto& [key, message] : wanted) {
      if (!chinese.contains(key)) faults << QStringLiteral("zh_CN lacks: ") + key;
      if (message.is_plural && !english.contains(key)) faults << QStringLiteral("en lacks: ") + key;
    }
    for (const auto& [language, messages] :
         {std::pair(QStringLiteral("zh_CN"), &chinese), {QStringLiteral("en"), &english}}) {
      for (const auto& [key, message] : *messages) {
        if (!wanted.contains(key)) faults << QStringLiteral("%1 has what no source says: %2").arg(language, key);
      }
    }
    QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n')) + QLatin1Char('\n') + kRefresh));
  }

  void every_translation_fits_its_source_data() {
    QTest::addColumn<int>("forms");
    QTest::addRow("zh_CN") << 1;
    QTest::addRow("en") << 2;
  }
  void every_translation_fits_its_source() {
    QFETCH(const int, forms);
    QStringList faults;
    const Messages messages = translations(QTest::currentDataTag());
    for (const auto& [key, message] : messages) {
      const auto tell = [&faults, key = key](const QString& what) {
        faults << QStringLiteral("%1: %2").arg(key, what);
      };
      if (!message.is_finished) tell(QStringLiteral("is unfinished"));
      const auto expected = message.is_plural ? forms : 1;
      if (message.forms.size() != expected) tell(QStringLiteral("has another number of plural forms"));
      for (const QString& form : message.forms) {
        if (const QString fault = fault_of(source_of(key), form); !fault.isEmpty()) {
          tell(QStringLiteral("“%1” %2").arg(form, fault));
        }
      }
    }
    QVERIFY(!messages.empty());
    QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n'))));
  }

  void faults_are_found() {
    QVERIFY(fault_of(QStringLiteral("&Open %1\u2026"), QStringLiteral("\u6253\u5f00 %1(&O)\u2026")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral("&Open %1"), QStringLiteral("\u6253\u5f00(&O)")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral("&Open"), QStringLiteral("\u6253\u5f00(&K)")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral("&Open"), QStringLiteral("\u6253\u5f00")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral("%n rows"), QStringLiteral("\u884c")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral("<b>x</b>"), QStringLiteral("x")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral(" nats"), QStringLiteral("nat")).isEmpty());
    QVERIFY(!fault_of(QStringLiteral("x"), QStringLiteral(" ")).isEmpty());
    QVERIFY(fault_of(QStringLiteral("a &lt; b && c"), QStringLiteral("b > a")).isEmpty());
  }

  // The engine may come to say something in other words: the phrase is stale then, and would never be found.
  void every_phrase_is_said_by_the_engine() {
    const QString said = texts_of_engine();
    QStringList faults;
    int num_phrases = 0;
    for (const auto& [key, message] : translations("zh_CN")) {
      if (!key.startsWith(QStringLiteral("Engine | "))) continue;
      ++num_phrases;
      const double share = share_said(source_of(key), said);
      if (!(share >= kLeastSaid)) faults << QStringLiteral("%1: %2 of it is said").arg(source_of(key)).arg(share);
    }
    QVERIFY(num_phrases > 100);
    QVERIFY(share_said(QStringLiteral("words that no part of it has ever said"), said) < kLeastSaid);
    QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n'))));
  }

  void every_lesson_is_translated() {
    const QDir folder(kSources + QStringLiteral("/resources/lessons"));
    const QStringList lessons = QDir(folder.filePath(QStringLiteral("en"))).entryList(QDir::Files);
    QVERIFY(lessons.size() >= 7);
    QCOMPARE(QDir(folder.filePath(QStringLiteral("zh_CN"))).entryList(QDir::Files), lessons);
    for (const QString& name : lessons) {
      const std::string found =
          difference(read_json(folder.filePath(QStringLiteral("en/") + name)),
                     read_json(folder.filePath(QStringLiteral("zh_CN/") + name)), qPrintable(name));
      QVERIFY2(found.empty(), found.c_str());
    }
  }

  void every_preset_is_translated() {
    const QDir folder(kSources + QStringLiteral("/resources/presets"));
    const QStringList presets = folder.entryList(QDir::Files);
    QVERIFY(!presets.isEmpty());
    for (const QString& name : presets) {
      const nlohmann::json preset = read_json(folder.filePath(name));
      for (const char* text : {"title", "summary"}) {
        const nlohmann::json& in = preset.at(text);
        QVERIFY2(in.contains("en") && in.contains("zh_CN"), qPrintable(name));
        const std::string found = difference(in.at("en"), in.at("zh_CN"), qPrintable(name));
        QVERIFY2(found.empty(), found.c_str());
      }
    }
  }
};

}  // namespace vernier

QTEST_GUILESS_MAIN(vernier::TranslationsTest)
#include "translations_test.moc"
