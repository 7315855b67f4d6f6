#include "rest/collection_operations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "codec/decode_answers.hpp"
#include "codec/encode_requests.hpp"

namespace qbatch::rest {

namespace {

using codec::CollectionDescription;
using Kind = Verdict::Kind;

// Of several vectors the one that was asked for; where there is none of that name, one that shows what there is.
CollectionInfo infoOf(const std::string& name, const CollectionDescription& description, std::string_view vectorName) {
  CollectionInfo info;
  info.name = name;
  info.embedder = description.embedder;
  info.points = description.points;
  info.limits = description.limits;
  const auto& vectors = description.vectors;
  auto chosen = std::find_if(vectors.begin(), vectors.end(), [&](const auto& vector) { return vector.name == vectorName; });
  if (chosen == vectors.end()) chosen = vectors.begin();
  if (chosen == vectors.end()) return info;
  info.vectorName = chosen->name;
  info.dimension = chosen->dimension;
  info.distance = chosen->distance;
  return info;
}

// Why a collection cannot be filled or searched at all.
std::optional<Error> unusable(const std::string& name, const CollectionDescription& description, std::string_view vectorName) {
  const auto refusal = [&](std::string_view what) {
    return Error(Errc::collectionMismatch, Origin::server, fmt::format("collection `{}` has {}; use another collection", name, what));
  };
  if (description.vectors.empty()) return refusal("no dense vectors");
  for (const auto& vector : description.vectors)
    if (vector.name == vectorName && vector.multi) return refusal("multivectors, which are not supported");
  return std::nullopt;
}

Verdict fatal(Error error) {
  Verdict verdict;
  verdict.kind = Kind::fatal;
  verdict.error = std::move(error);
  return verdict;
}

bool absent(const Verdict& verdict) { return verdict.error.code() == Errc::collectionNotFound; }

/// What operations that look at a collection share.
class Looking : public Operation {
 protected:
  using Operation::Operation;

  using Seen = std::function<void(const std::optional<CollectionDescription>&)>;
  void look(const std::string& name, Seen next) {
    Call call;
    call.path = collectionPath(name);
    ask(std::move(call), [this, name, next = std::move(next)](Answered& answered) {
      if (absent(answered.verdict)) {
        stage().facts.forgetCollection(name);
        return next(std::nullopt);
      }
      if (answered.verdict.kind != Kind::completed) return finish(std::move(answered.verdict));
      const auto description = codec::decodeCollection(answered.body);
      stage().facts.learnCollection(name, description, std::chrono::steady_clock::now());
      next(description);
    });
  }
};

class Describe : public Looking {
 public:
  Describe(std::shared_ptr<Stage> stage, const DescribeCollection& request, CallLimits limits, Completion completion)
      : Looking(std::move(stage), std::move(limits), std::move(completion)), request_(request) {}

 private:
  void start() override {
    if (const auto known = stage().facts.collection(request_.collection, std::chrono::steady_clock::now())) return answer(known);
    withVersion([this](const codec::ServerVersion&) { look(request_.collection, [this](const auto& seen) { answer(seen); }); });
  }

  void answer(const std::optional<CollectionDescription>& seen) {
    if (!seen) return finish(Answer(std::optional<CollectionInfo>()));
    if (auto problem = unusable(request_.collection, *seen, request_.vectorName)) return finish(fatal(*problem));
    finish(Answer(std::optional(infoOf(request_.collection, *seen, request_.vectorName))));
  }

  const DescribeCollection& request_;
};

class Create : public Looking {
 public:
  Create(std::shared_ptr<Stage> stage, const CreateCollection& request, CallLimits limits, Completion completion)
      : Looking(std::move(stage), std::move(limits), std::move(completion)), info_(request.info) {}

 private:
  void start() override {
    const auto text = channel().buffer();
    codec::appendCreateCollection(*text, info_);
    Call call;
    call.method = "PUT";
    call.path = collectionPath(info_.name);
    call.body = text;
    call.writes = true;
    ask(std::move(call), [this](Answered& answered) {
      stage().facts.forgetCollection(info_.name);
      if (answered.verdict.kind == Kind::completed) return finish(Answer(codec::decodeBool(answered.body)));
      if (answered.verdict.error.httpStatus() == 409) return compare(answered.verdict);
      if (answered.verdict.kind == Kind::itemAtFault) answered.verdict.kind = Kind::fatal;
      finish(std::move(answered.verdict));
    });
  }

  // Somebody made it before, or an earlier attempt of ours did.
  void compare(const Verdict& refusal) {
    look(info_.name, [this, refusal](const auto& seen) {
      if (!seen) return finish(refusal);
      const auto found = infoOf(info_.name, *seen, info_.vectorName);
      if (found.vectorName == info_.vectorName && found.dimension == info_.dimension && found.distance == info_.distance)
        return finish(Answer(false));
      finish(
          fatal(Error(Errc::collectionMismatch, Origin::server,
                      fmt::format("collection `{}` exists with other vectors: `{}` of {} values compared by {}, not `{}` of {} by {}; use "
                                  "another name, or the embedder that it was made for",
                                  info_.name, found.vectorName, found.dimension, toString(found.distance), info_.vectorName,
                                  info_.dimension, toString(info_.distance)),
                      409, refusal.error.serverMessage())));
    });
  }

  const CollectionInfo& info_;
};

class Drop : public Operation {
 public:
  Drop(std::shared_ptr<Stage> stage, const DropCollection& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {}

 private:
  void start() override {
    Call call;
    call.method = "DELETE";
    call.path = collectionPath(request_.collection);
    call.writes = true;
    ask(std::move(call), [this](Answered& answered) {
      stage().facts.forgetCollections();  // those of its aliases, too
      if (absent(answered.verdict)) return finish(Answer(false));
      if (answered.verdict.kind != Kind::completed) return finish(std::move(answered.verdict));
      finish(Answer(codec::decodeBool(answered.body)));
    });
  }

  const DropCollection& request_;
};

class List : public Looking {
 public:
  List(std::shared_ptr<Stage> stage, const ListCollections&, CallLimits limits, Completion completion)
      : Looking(std::move(stage), std::move(limits), std::move(completion)) {}

 private:
  void start() override {
    Call call;
    call.path = "/collections";
    askFor(std::move(call), [this](Answered& answered) {
      names_ = codec::decodeCollectionNames(answered.body);
      std::sort(names_.begin(), names_.end());
      Call aliases;
      aliases.path = "/aliases";
      askFor(std::move(aliases), [this](Answered& list) {
        aliases_ = codec::decodeAliases(list.body);
        describeNext();
      });
    });
  }

  void describeNext() {
    if (infos_.size() + gone_ == names_.size()) return finish(Answer(std::move(infos_)));
    const auto& name = names_[infos_.size() + gone_];
    look(name, [this, name](const auto& seen) {
      if (seen) {
        infos_.push_back(infoOf(name, *seen, {}));
        for (const auto& [alias, collection] : aliases_)
          if (collection == name) infos_.back().aliases.push_back(alias);
      } else {
        ++gone_;  // dropped since it was listed
      }
      describeNext();
    });
  }

  std::vector<std::string> names_;
  std::vector<std::pair<std::string, std::string>> aliases_;
  std::vector<CollectionInfo> infos_;
  std::size_t gone_ = 0;
};

class Alias : public Operation {
 public:
  Alias(std::shared_ptr<Stage> stage, const SetAlias& request, CallLimits limits, Completion completion)
      : Operation(std::move(stage), std::move(limits), std::move(completion)), request_(request) {}

 private:
  void start() override {
    const auto text = channel().buffer();
    codec::appendSetAlias(*text, request_.alias, request_.collection);
    Call call;
    call.method = "POST";
    call.path = "/collections/aliases";
    call.body = text;
    call.writes = true;
    ask(std::move(call), [this](Answered& answered) {
      stage().facts.forgetCollection(request_.alias);
      if (answered.verdict.kind == Kind::itemAtFault) answered.verdict.kind = Kind::fatal;
      if (answered.verdict.kind != Kind::completed) return finish(std::move(answered.verdict));
      finish(Answer(codec::decodeBool(answered.body)));
    });
  }

  const SetAlias& request_;
};

template <class Made, class Asked>
std::shared_ptr<Operation> make(std::shared_ptr<Stage> stage, const Asked& request, CallLimits limits, Completion completion) {
  return std::make_shared<Made>(std::move(stage), request, std::move(limits), std::move(completion));
}

}  // namespace

template <>
std::shared_ptr<Operation> makeCollectionOperation(std::shared_ptr<Stage> stage, const DescribeCollection& request, CallLimits limits,
                                                   Completion completion) {
  return make<Describe>(std::move(stage), request, std::move(limits), std::move(completion));
}

template <>
std::shared_ptr<Operation> makeCollectionOperation(std::shared_ptr<Stage> stage, const CreateCollection& request, CallLimits limits,
                                                   Completion completion) {
  return make<Create>(std::move(stage), request, std::move(limits), std::move(completion));
}

template <>
std::shared_ptr<Operation> makeCollectionOperation(std::shared_ptr<Stage> stage, const DropCollection& request, CallLimits limits,
                                                   Completion completion) {
  return make<Drop>(std::move(stage), request, std::move(limits), std::move(completion));
}

template <>
std::shared_ptr<Operation> makeCollectionOperation(std::shared_ptr<Stage> stage, const ListCollections& request, CallLimits limits,
                                                   Completion completion) {
  return make<List>(std::move(stage), request, std::move(limits), std::move(completion));
}

template <>
std::shared_ptr<Operation> makeCollectionOperation(std::shared_ptr<Stage> stage, const SetAlias& request, CallLimits limits,
                                                   Completion completion) {
  return make<Alias>(std::move(stage), request, std::move(limits), std::move(completion));
}

}  // namespace qbatch::rest
