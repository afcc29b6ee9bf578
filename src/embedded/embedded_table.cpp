#include "embedded/embedded_table.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <utility>

#include "base/fork.hpp"
#include "base/try.hpp"
#include "embedded/diagnosis.hpp"
#include "embedded/engine.hpp"
#include "embedded/file_check.hpp"
#include "embedded/file_format.hpp"
#include "embedded/reader.hpp"
#include "embedded/registry.hpp"
#include "embedded/snapshot.hpp"
#include "embedded/storage_use.hpp"
#include "table/limits.hpp"

namespace loopstate::embedded {
namespace {

using table::Call;
using table::Item;
using table::Key;

class EmbeddedTable final : public table::Table {
 public:
  EmbeddedTable(std::shared_ptr<Engine> engine, bool created)
      : engine_(std::move(engine)), created_(created) {}

  Task<Result<std::optional<Item>>> get(Key key, Call call) override {
    CO_TRY_OK(may_begin(call));
    CO_TRY_OK(table::check_key(key));
    co_return read_item(engine_->environment(), std::move(key), call);
  }

  Task<Result<std::vector<Result<std::optional<Item>>>>> batch_get(std::vector<Key> keys,
                                                                   Call call) override {
    CO_TRY_OK(may_begin(call));
    CO_TRY_OK(table::check_batch(keys));
    co_return read_items(engine_->environment(), std::move(keys), call);
  }

  Task<Result<table::Page>> query(table::Query query, Call call) override {
    CO_TRY_OK(may_begin(call));
    CO_TRY_OK(table::check_query(query));
    co_return read_query(engine_->environment(), query, call);
  }

  Task<Result<table::Page>> scan(table::Scan scan, Call call) override {
    CO_TRY_OK(may_begin(call));
    CO_TRY_OK(table::check_scan(scan));
    co_return read_scan(engine_->environment(), scan, call);
  }

  std::string cursor_after(const Key& key) const override { return scan_cursor_after(key); }

  std::string identity() const override {
    const FileId file = engine_->environment().file_id();
    return fmt::format("embedded:{}:{}", file.device, file.inode);
  }

  Task<Result<table::WriteOutcome>> put(table::Put put, Call call) override {
    co_return co_await write_one(table::Operation(std::move(put)), call);
  }

  Task<Result<table::WriteOutcome>> update(table::UpdateItem update, Call call) override {
    co_return co_await write_one(table::Operation(std::move(update)), call);
  }

  Task<Result<table::WriteOutcome>> erase(table::Erase erase, Call call) override {
    co_return co_await write_one(table::Operation(std::move(erase)), call);
  }

  Task<Result<void>> batch_put(std::vector<Item> items, Call call) override {
    CO_TRY_OK(table::check_batch(items));
    std::vector<table::Operation> operations;
    operations.reserve(items.size());
    for (Item& item : items) operations.emplace_back(table::Put{std::move(item), {}});
    CO_TRY(auto write, prepare_write(std::move(operations), call));
    co_return co_await write_and_wait(engine_->writer(), write);
  }

  Task<Result<table::TransactOutcome>> transact(std::vector<table::Operation> operations, std::string token,
                                                Call call) override {
    CO_TRY_OK(table::check_transaction(operations, token));
    CO_TRY(auto write, prepare_write(std::move(operations), call));
    WriteRequest& request = write->request;
    request.token = std::move(token);
    request.hash = hash_of(request.operations);
    CO_TRY_OK(co_await write_and_wait(engine_->writer(), write));
    table::TransactOutcome out;
    out.applied = request.applied;
    if (out.applied) co_return out;
    for (auto& outcome : request.outcomes) {
      if (outcome.held) outcome.item.reset();
      out.refusals.push_back({!outcome.held, std::move(outcome.item)});
    }
    co_return out;
  }

  Task<Result<table::InitOutcome>> initialise(Call call) override {
    CO_TRY_OK(may_begin(call));
    table::InitOutcome out;
    out.created = created_.exchange(false);
    const std::string& path = engine_->environment().path();
    out.detail = out.created ? "created " + path : path + " already exists";
    co_return out;
  }

  Task<std::vector<table::Finding>> diagnose(Call call) override {
    if (auto ok = may_begin(call); !ok) {
      std::vector<table::Finding> out;
      out.push_back({table::Finding::Level::Bad, "store", ok.error().message, ""});
      co_return out;
    }
    co_return diagnose_environment(engine_->environment());
  }

  Result<std::shared_ptr<table::Snapshot>> snapshot() override {
    TRY_OK(fork_guard_.check());
    return EmbeddedSnapshot::take(engine_);
  }

  Task<Result<std::vector<table::Finding>>> inspect(Call call) override {
    CO_TRY_OK(may_begin(call));
    CO_TRY(const auto pinned, EmbeddedSnapshot::take(engine_));
    auto report = inspect_pages(pinned->file(), pinned->moment());
    CO_TRY_OK(pinned->check_kept());
    co_return std::move(report.findings);
  }

  const Tally& tally() const { return engine_->environment().tally(); }

  std::optional<StorageUse> storage_use() const {
    if (!fork_guard_.check()) return std::nullopt;
    auto use = measure_storage(engine_->environment());
    if (use) use->waiting_writes = engine_->writer().waiting();
    return use;
  }

 private:
  Result<void> may_begin(const Call& call) const {
    TRY_OK(fork_guard_.check());
    if (call.deadline != Deadline::max() && std::chrono::steady_clock::now() >= call.deadline) {
      return fail(ErrorCode::DeadlineExceeded, "the deadline passed before the call was begun", true);
    }
    return {};
  }

  Result<std::shared_ptr<PendingWrite>> prepare_write(std::vector<table::Operation> operations,
                                                      Call call) const {
    TRY_OK(may_begin(call));
    WriteRequest request;
    request.call = call;
    request.operations.reserve(operations.size());
    for (auto& operation : operations) {
      TRY(auto prepared, prepare(std::move(operation)));
      request.operations.push_back(std::move(prepared));
    }
    return std::make_shared<PendingWrite>(std::move(request));
  }

  Task<Result<table::WriteOutcome>> write_one(table::Operation operation, Call call) {
    CO_TRY_OK(table::check_operation(operation));
    std::vector<table::Operation> operations;
    operations.push_back(std::move(operation));
    CO_TRY(auto write, prepare_write(std::move(operations), call));
    CO_TRY_OK(co_await write_and_wait(engine_->writer(), write));
    WriteRequest& request = write->request;
    co_return table::WriteOutcome{request.applied, std::move(request.outcomes.front().item)};
  }

  std::shared_ptr<Engine> engine_;
  ForkGuard fork_guard_;
  std::atomic<bool> created_;
};

/// As the user names it, wherever the process changes directory to.
std::string absolute(const std::string& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(path, ignored);
  return ignored ? path : whole.string();
}

/// One name for the same file, so that its lock file is the same too.
std::string canonical(const std::string& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : whole.string();
}

Result<void> check_options(const EmbeddedOptions& options) {
  if (options.path.empty()) {
    return fail(ErrorCode::InvalidArgument, "the path of an embedded store is empty");
  }
  if (options.path.find('\0') != std::string::npos) {
    return fail(ErrorCode::InvalidArgument, "the path of an embedded store has a NUL byte");
  }
  if (options.max_waiting_writes < 1 || options.max_waiting_writes > 65'536) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("max_waiting_writes is {}; 1 to 65536 are allowed", options.max_waiting_writes));
  }
  return {};
}

bool has_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(std::filesystem::path(path).parent_path(), ignored);
}

std::unexpected<Error> no_store_at(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  return fail(ErrorCode::TableNotFound,
              has_folder(path) ? fmt::format("there is no store at {}", path)
                               : fmt::format("there is no store at {}, nor a folder {}", path, folder));
}

/// Otherwise an error would name the file that the store is built in.
Result<void> check_folder_of(const std::string& path) {
  if (has_folder(path)) return {};
  return fail(ErrorCode::TableNotFound,
              fmt::format("{} cannot be created, since there is no folder {}: create the folder first", path,
                          std::filesystem::path(path).parent_path().string()));
}

}  // namespace

Result<std::shared_ptr<table::Table>> open_embedded(EmbeddedOptions options) {
  TRY_OK(check_options(options));
  options.named = absolute(options.path);
  options.path = canonical(options.named);
  bool created = false;
  auto checked = check_file(options.path);
  if (!checked && checked.error().code == ErrorCode::TableNotFound && options.create_if_missing) {
    TRY_OK(check_folder_of(options.path));
    TRY(auto made, file_format::create_file(options.path, options.durability == Durability::PowerLoss));
    created = made;
    checked = check_file(options.path);
  }
  if (!checked && checked.error().code == ErrorCode::TableNotFound) return no_store_at(options.path);
  if (!checked) return std::unexpected(std::move(checked.error()));
  TRY(auto engine, shared_engine(options));
  return std::make_shared<EmbeddedTable>(std::move(engine), created);
}

std::optional<EmbeddedCounters> counters_of(const table::Table& table) {
  const auto* embedded = dynamic_cast<const EmbeddedTable*>(&table);
  if (embedded == nullptr) return std::nullopt;
  const Tally& tally = embedded->tally();
  EmbeddedCounters out;
  out.commits = tally.commits;
  out.writes = tally.writes;
  out.largest_group = tally.largest_group;
  out.swept_items = tally.swept_items;
  out.sweep_steps = tally.sweep_steps;
  out.largest_sweep = tally.largest_sweep;
  out.swept_tokens = tally.swept_tokens;
  out.map_growths = tally.map_growths;
  out.reader_sweeps = tally.reader_sweeps;
  return out;
}

std::optional<StorageUse> storage_use_of(const table::Table& table) {
  const auto* embedded = dynamic_cast<const EmbeddedTable*>(&table);
  return embedded == nullptr ? std::nullopt : embedded->storage_use();
}

}  // namespace loopstate::embedded
