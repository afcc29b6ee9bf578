// export, import, copy.
#include "store/upkeep/transfer.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/copy_state.hpp"
#include "cli/input_stream.hpp"
#include "cli/json_output.hpp"
#include "cli/output_file.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "cli/whole_store.hpp"
#include "open/open_table.hpp"
#include "store/upkeep/item_json.hpp"
#include "store/upkeep/item_lines.hpp"
#include "table/service_time.hpp"

namespace loopstate::cli {
namespace {

using store::TransferCounts;
using store::TransferOptions;

Result<TransferOptions> transfer_options(const Program& program, const Arguments& arguments) {
  TransferOptions options;
  options.replace = arguments.has("--replace");
  TRY(const auto timeout, program.request_timeout());
  options.request_timeout = timeout;
  return options;
}

std::string counts_json(const TransferCounts& counts) {
  return JsonObject()
      .number("read", counts.read)
      .number("written", counts.written)
      .number("unchanged", counts.unchanged)
      .number("kept", counts.kept)
      .number("expired", counts.expired)
      .str();
}

std::string counts_text(const TransferCounts& counts) {
  auto text = fmt::format("{} read, {} written, {} already there", count_text(counts.read, "item", "items"),
                          counts.written, counts.unchanged);
  if (counts.kept > 0)
    text += fmt::format("; {} differed and were kept (--replace overwrites them)", counts.kept);
  if (counts.expired > 0) text += fmt::format("; {} had expired", counts.expired);
  return text;
}

// The parts of the source that could not be read.
class Losses {
 public:
  void add(const Error& error) {
    if (++count_ > kMaxListed) return;
    json_ += (json_.empty() ? "" : ",") + JsonObject().text("message", error.message).str();
    text_ += fmt::format("lost: {}\n", printable(error.message));
  }

  // There is an answer all the same, and the status says that something is missing.
  void tell(CommandOutput& answer, std::string_view json) const {
    answer.json = fmt::format("{},\"lost\":[{}]}}", json.substr(0, json.size() - 1), json_);
    if (count_ == 0) return;
    answer.text = fmt::format("{}{}; {} could not be read ('loopstate check' says more)", text_, answer.text,
                              count_text(count_, "part", "parts"));
    answer.status = ExitStatus::Failed;
  }
  std::string_view text() const { return text_; }

 private:
  static constexpr std::uint64_t kMaxListed = 1000;
  std::uint64_t count_ = 0;
  std::string json_, text_;
};

// Lines for other programs; as one JSON document on standard output, an array of the same items.
class ItemWriter {
 public:
  ItemWriter(OutputFile& file, bool array) : file_(file), array_(array) {}

  Result<void> write(const table::Item& item) {
    const auto before = !array_ ? "" : first_ ? "[\n" : ",\n";
    first_ = false;
    return file_.write(fmt::format("{}{}{}", before, store::item_to_json(item), array_ ? "" : "\n"));
  }

  Result<void> finish() {
    if (array_) {
      TRY_OK(file_.write(first_ ? "[]\n" : "\n]\n"));
    }
    return file_.finish();
  }

 private:
  OutputFile& file_;
  bool array_;
  bool first_ = true;
};

Result<CommandOutput> export_table(Program& program, const Arguments& arguments) {
  TRY(auto options, transfer_options(program, arguments));
  Losses losses;
  options.lost = [&losses](const Error& error) { losses.add(error); };
  const auto path = arguments.optional("FILE").value_or("-");
  const bool to_stdout = path == "-";
  auto table = program.open_table(OpenMode::Existing);
  if (!table) return std::unexpected(table.error());
  TRY(auto file, OutputFile::create(path));
  ItemWriter writer(file, to_stdout && program.json());
  Progress progress("exported", arguments.has("--progress"), to_stdout ? StdoutIs::Data : StdoutIs::Answer);
  const Interruption interruption;
  const table::ServiceTime clock({*table});
  program.run(clock.learn(std::chrono::steady_clock::now() + options.request_timeout));
  const auto counts = program.run(store::export_items(
      *table, [&](const table::Item& item) { return writer.write(item); }, options, clock,
      [&](const TransferCounts& so_far) {
        progress.show(so_far.written);
        return interruption.check();
      }));
  if (!counts) {
    return std::unexpected(with_advice(counts.error(), to_stdout
                                                           ? "what was written so far is incomplete"
                                                           : "no file was made; repeating it is harmless"));
  }
  TRY_OK(writer.finish());
  CommandOutput answer{
      JsonObject().number("exported", counts->written).text("file", path).str(),
      fmt::format("{} exported to {}", count_text(counts->written, "item", "items"), printable(path))};
  losses.tell(answer, answer.json);
  answer.written = to_stdout;
  if (to_stdout) std::fputs(std::string(losses.text()).c_str(), stderr);
  return answer;
}

// Reads it all once without writing anything, so that a mistake in a file shows before the store changes.
Result<void> check_file(InputStream& stream) {
  store::ItemLines lines([&stream] { return stream.piece(); });
  for (;;) {
    const auto item = lines.next();
    if (!item) {
      return fail(item.error().code, fmt::format("FILE, {}; nothing was imported", item.error().message));
    }
    if (!*item) return stream.rewind();
  }
}

Result<CommandOutput> import_table(Program& program, const Arguments& arguments) {
  TRY(auto options, transfer_options(program, arguments));
  auto stream = InputStream::open("FILE", arguments.text("FILE"));
  if (!stream) return std::unexpected(stream.error());
  if (stream->can_rewind()) {
    TRY_OK(check_file(*stream));
  }
  TRY(auto table, program.open_table(OpenMode::CreateIfMissing));
  store::ItemLines lines([&stream] { return stream->piece(); });
  options.place = [&lines] { return fmt::format("line {}", lines.line_of_last()); };
  Progress progress("imported", arguments.has("--progress"));
  const Interruption interruption;
  TransferCounts counts;
  const table::ServiceTime clock({table});
  program.run(clock.learn(std::chrono::steady_clock::now() + options.request_timeout));
  const auto done = program.run(store::import_items(
      table, [&lines] { return lines.next(); }, options, clock, counts,
      [&](const TransferCounts& so_far) {
        progress.show(so_far.read);
        return interruption.check();
      }));
  if (!done) {
    auto error = done.error();
    error.message +=
        fmt::format("; {} before it are imported, and importing them again is harmless",
                    count_text(counts.written + counts.unchanged + counts.kept, "item", "items"));
    return std::unexpected(std::move(error));
  }
  return CommandOutput{counts_json(counts), counts_text(counts)};
}

Result<CommandOutput> copy(Program& program, const Arguments& arguments) {
  TRY(auto options, transfer_options(program, arguments));
  const auto& from_url = arguments.text("FROM");
  const auto& to_url = arguments.text("TO");
  TRY(const auto from_settings, program.settings_for("FROM", from_url));
  TRY(const auto to_settings, program.settings_for("TO", to_url));
  if (from_settings.url == to_settings.url) {
    return fail(ErrorCode::InvalidArgument, "FROM and TO are the same store");
  }
  TRY(auto file, CopyStateFile::open(arguments.optional("--resume"), from_settings.url, to_settings.url));
  TRY(auto from, open_table(from_settings, OpenMode::Existing));
  TRY(auto to, open_table(to_settings, OpenMode::CreateIfMissing));
  Losses losses;
  options.lost = [&losses](const Error& error) { losses.add(error); };
  // A position to resume from belongs to a table that changes; without one the copy is of one moment.
  const bool one_moment = !arguments.optional("--resume");
  Progress progress("copied", arguments.has("--progress"));
  const Interruption interruption;
  auto state = file.state();
  const table::ServiceTime clock({to, from});
  program.run(clock.learn(std::chrono::steady_clock::now() + options.request_timeout));
  const auto done = program.run(store::copy_items(
      from, to, options, clock, state,
      [&](const store::CopyState& so_far) -> Result<void> {
        progress.show(so_far.counts.read);
        TRY_OK(file.save(so_far));
        return so_far.cursor || one_moment ? interruption.check() : Result<void>{};
      },
      one_moment));
  if (!done) {
    return std::unexpected(with_advice(done.error(), arguments.has("--resume")
                                                         ? "the same command continues where it stopped"
                                                         : "repeating it is harmless"));
  }
  file.remove();
  CommandOutput answer{counts_json(state.counts), counts_text(state.counts)};
  losses.tell(answer, answer.json);
  return answer;
}

}  // namespace

std::vector<Command> transfer_commands() {
  const auto replace = flag("--replace", "Overwrite existing items that differ");
  return {
      {"export",
       "Write out every item, one per line",
       "Each line is an item as DynamoDB's own tools write it, {\"pk\":{\"S\":...},...}, so that nothing is "
       "lost. A FILE is\n"
       "complete or not there at all, and readable by its owner alone. With --json on standard output: one "
       "array.\n"
       "An embedded store is written as it is at one moment, whatever others write in the meantime; a "
       "DynamoDB table is read\n"
       "page by page while it changes. What is damaged is named, the rest is written, and the status is 1.",
       "export backup.jsonl",
       {optional("FILE", "Where to write; standard output if it is omitted or -"),
        flag("--progress", kProgressHelp)},
       export_table},
      {"import",
       "Read items: one per line, or a JSON array of them",
       "The whole file is checked first; if a line is wrong it is named, and nothing is imported. Existing "
       "items that differ\n"
       "are kept. Importing twice is harmless.",
       "import backup.jsonl",
       {required("FILE", "The output of 'export'; - is standard input"), replace,
        flag("--progress", kProgressHelp)},
       import_table},
      {"copy",
       "Copy every item from one store to another",
       "With --resume, the same command continues a copy that was cut off. Without it, a copy from an "
       "embedded\n"
       "store is of one moment.",
       "copy embedded:./loopstate.db dynamodb:loopstate --resume copy.state",
       {required("FROM", "The store to read"), required("TO", "The store to write"), replace,
        option("--resume", "FILE",
               "Keep the place in FILE while copying, and continue from it if FILE exists"),
        flag("--progress", kProgressHelp)},
       copy},
  };
}

}  // namespace loopstate::cli
