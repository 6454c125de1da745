//! A member of an export that may be absent. Absent is never false.

use crate::pointer::Pointer;
use crate::truth::{Held, Lack};

/// A value, and where it stands or would stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given<T> {
    /// `None` when it is absent, null or unreadable.
    pub value: Option<T>,
    /// Where it is, or would be.
    pub place: Pointer,
}

impl<T> Given<T> {
    pub(crate) const fn absent(place: Pointer) -> Self {
        Self { value: None, place }
    }

    /// The same place, with what the value stands for.
    pub(crate) fn map<U>(self, read: impl FnOnce(T) -> U) -> Given<U> {
        Given {
            value: self.value.map(read),
            place: self.place,
        }
    }

    /// The missing input that it is.
    pub(crate) fn lack(&self) -> Lack {
        Lack::Member(self.place.clone())
    }

    /// Whether the value is such; unknown when it is absent.
    pub(crate) fn held(&self, is_so: impl FnOnce(&T) -> bool) -> Held {
        match &self.value {
            Some(value) => Held::decided(is_so(value), &self.place),
            None => Held::unknown(self.lack()),
        }
    }
}

impl<T: PartialEq> Given<Vec<Given<T>>> {
    /// Whether the list has this item; an item that cannot be read may be it.
    pub(crate) fn contains(&self, wanted: &T) -> Held {
        let Some(items) = &self.value else {
            return Held::unknown(self.lack());
        };
        if let Some(found) = items
            .iter()
            .find(|item| item.value.as_ref() == Some(wanted))
        {
            return Held::decided(true, &found.place).on(&self.place);
        }
        match items.iter().find(|item| item.value.is_none()) {
            Some(unread) => Held::unknown(unread.lack()),
            None => Held::decided(false, &self.place),
        }
    }

    /// The items that can be read.
    pub(crate) fn known(&self) -> impl Iterator<Item = &T> {
        let items = self.value.iter().flatten();
        items.filter_map(|item| item.value.as_ref())
    }
}
