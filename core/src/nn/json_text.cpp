// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/json_text.hpp"

#include <set>
#include <string>
#include <vector>

namespace percepnet::nn {
namespace {

using nlohmann::json;
using Builder = nlohmann::detail::json_sax_dom_parser<json>;

// Builds a value as nlohmann does, and stops where a text breaks the rules.
class Guard : public Builder {
public:
    Guard(json &root, int most_depth) : Builder(root, false), most_depth_(most_depth) {}

    bool start_object(std::size_t size) {
        keys_.emplace_back();
        return deeper() && Builder::start_object(size);
    }
    bool end_object() {
        keys_.pop_back();
        depth_--;
        return Builder::end_object();
    }
    bool start_array(std::size_t size) { return deeper() && Builder::start_array(size); }
    bool end_array() {
        depth_--;
        return Builder::end_array();
    }
    bool key(std::string &name) {
        broken_ |= !keys_.back().insert(name).second;
        return !broken_ && Builder::key(name);
    }
    bool broken() const { return broken_; }

private:
    bool deeper() {
        broken_ |= ++depth_ > most_depth_;
        return !broken_;
    }

    const int most_depth_;
    int depth_ = 0;
    std::vector<std::set<std::string>> keys_;
    bool broken_ = false;
};

// No deeper than most_depth, as the guard has seen.
void take_apart(json &value) noexcept {
    for (json &child : value)
        if (child.is_structured())
            take_apart(child);
    if (auto *object = value.get_ptr<json::object_t *>())
        object->clear();
    else if (auto *array = value.get_ptr<json::array_t *>())
        array->clear();
}

} // namespace

void JsonText::TakeApart::operator()(json *root) const noexcept {
    if (root->is_structured())
        take_apart(*root);
    delete root;
}

JsonText::JsonText(const char *text, std::size_t length, int most_depth) : root_(new json) {
    Guard guard(*root_, most_depth);
    const bool parsed = json::sax_parse(text, text + length, &guard);
    if (guard.broken())
        fault_ = Fault::kTwiceOrTooDeep;
    else if (!parsed || guard.is_errored())
        fault_ = Fault::kNotJson;
    if (fault_ != Fault::kNone)
        root_.reset(new json);
}

} // namespace percepnet::nn
