// SPDX-License-Identifier: Apache-2.0
#include "grammar/copy_source.h"

#include <algorithm>

#include "tokenizer/unicode.h"

namespace needle {
namespace {

// Scripts from here on, Thai and those of China and Japan among them, are written without spaces between words.
constexpr char32_t kFirstUnspaced = 0x0E00;

bool IsSpace(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || (c >= 0x2000 && c <= 0x200A); }
bool IsMark(char32_t c) { return c >= 0x0300 && c <= 0x036F; }

/// No word begins or ends between the two.
bool Joined(char32_t a, char32_t b) {
  if (IsMark(b)) return true;
  if (IsDigit(a) && IsDigit(b)) return true;
  return IsLetter(b) && b < kFirstUnspaced && (IsMark(a) || (IsLetter(a) && a < kFirstUnspaced));
}

}  // namespace

CopySource::CopySource(const Tokenizer& tokenizer, std::span<const std::string> texts) {
  for (const std::string& text : texts) Add(tokenizer.Decode(tokenizer.Encode(text)));
  code_points_.push_back(code_points_.empty() ? 0 : code_points_.back());
  is_start_.push_back(0);
  is_end_.push_back(0);
  text_end_.push_back(static_cast<uint32_t>(bytes_.size()));
}

void CopySource::Add(const std::string& text) {
  const size_t first = bytes_.size(), end = first + text.size();
  uint32_t count = code_points_.empty() ? 0 : code_points_.back();
  is_start_.resize(end + 1);
  is_end_.resize(end + 1);
  code_points_.resize(end + 1);
  text_end_.resize(end + 1, static_cast<uint32_t>(end));
  char32_t before = ' ';
  for (size_t pos = 0; pos < text.size();) {
    const size_t at = pos;
    const char32_t c = DecodeUtf8(text, &pos);
    const bool is_border = !Joined(before, c);
    is_start_[first + at] = is_border && !IsSpace(c);
    is_end_[first + at] = is_border && !IsSpace(before);
    code_points_[first + at] = count++;
    for (size_t i = at + 1; i < pos; ++i) code_points_[first + i] = count;
    before = c;
  }
  is_end_[end] = !text.empty() && !IsSpace(before);
  code_points_[end] = count;
  // A plural may give its singular: "close the windows" to a tool that knows a window.
  for (size_t i = first + 2; i < end; ++i) {
    const char32_t last = static_cast<unsigned char>(text[i - first - 1]);
    if (text[i - first] == 's' && is_end_[i + 1] && last < 0x80 && IsLetter(last)) is_end_[i] = 1;
  }
  bytes_ += text;
  bytes_ += '\0';
}

/// How far a value that is at `place` may grow.
uint32_t CopySource::Limit(uint32_t place, const Taken& taken) const {
  uint32_t limit = text_end_[place];
  for (const auto& [begin, end] : taken) {
    if (begin >= place) limit = std::min(limit, begin);
  }
  return limit;
}

bool CopySource::CanReachEnd(uint32_t place, Room room, const Taken& taken) const {
  const uint32_t limit = Limit(place, taken);
  for (uint32_t i = place; i <= limit; ++i) {
    const uint32_t grown = code_points_[i] - code_points_[place];
    if (grown > room.max) return false;
    if (grown >= room.min && is_end_[i]) return true;
  }
  return false;
}

bool CopySource::IsTaken(uint32_t place, const Taken& taken) {
  return std::any_of(taken.begin(), taken.end(), [&](const auto& piece) { return place >= piece.first && place < piece.second; });
}

CopySource::Places CopySource::Starts(Room room, const Taken& taken) const {
  Places places;
  for (uint32_t i = 0; i < bytes_.size(); ++i) {
    if (is_start_[i] && !IsTaken(i, taken) && CanReachEnd(i, {std::max(room.min, 1u), room.max}, taken)) places.push_back(i);
  }
  return places;
}

void CopySource::Step(uint8_t byte, const Taken& taken, Places* places) const {
  size_t kept = 0;
  for (const uint32_t place : *places) {
    if (place < Limit(place, taken) && static_cast<uint8_t>(bytes_[place]) == byte) (*places)[kept++] = place + 1;
  }
  places->resize(kept);
}

void CopySource::Prune(Room room, const Taken& taken, Places* places) const {
  std::erase_if(*places, [&](uint32_t place) { return !CanReachEnd(place, room, taken); });
}

uint32_t CopySource::FirstEnd(const Places& places) const {
  const auto end = std::find_if(places.begin(), places.end(), [&](uint32_t place) { return is_end_[place] != 0; });
  return end == places.end() ? kNoPlace : *end;
}

std::string_view CopySource::From(uint32_t place, const Taken& taken) const {
  return std::string_view(bytes_).substr(place, Limit(place, taken) - place);
}

}  // namespace needle
