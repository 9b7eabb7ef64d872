//! Owns finding values in a line by path, and comparing them. Each part of a line is read once, however many rules ask
//! for it: lines can be megabytes. Must not know what a value means.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use aid_adapter_kit::json::{Object, Value};

use crate::definition::{Condition, Scalar, Test};

/// The most elements of a list that are looked at.
const MAX_ELEMENTS: usize = 1024;

/// A value of a line, or the line itself.
pub(crate) struct Node<'a> {
    /// None: the line itself.
    value: Option<Value<'a>>,
    object: OnceCell<Option<Object<'a>>>,
    elements: OnceCell<Vec<Rc<Node<'a>>>>,
    /// Members that were asked for.
    members: RefCell<Vec<(String, Option<Rc<Node<'a>>>)>>,
}

impl<'a> Node<'a> {
    pub(crate) fn line(object: Object<'a>) -> Rc<Self> {
        let node =
            Self { value: None, object: OnceCell::new(), elements: OnceCell::new(), members: RefCell::default() };
        let _ = node.object.set(Some(object));
        Rc::new(node)
    }

    fn new(value: Value<'a>) -> Rc<Self> {
        Rc::new(Self {
            value: Some(value),
            object: OnceCell::new(),
            elements: OnceCell::new(),
            members: RefCell::default(),
        })
    }

    /// What is at a path below, unless it is null.
    pub(crate) fn at(self: &Rc<Self>, path: &[String]) -> Option<Rc<Self>> {
        path.iter().try_fold(Rc::clone(self), |node, key| node.member(key))
    }

    fn member(&self, key: &str) -> Option<Rc<Self>> {
        if let Some((_, known)) = self.members.borrow().iter().find(|(name, _)| name == key) {
            return known.clone();
        }
        let value = self.value;
        let object = self.object.get_or_init(|| value.and_then(Value::as_object));
        let found = match object {
            Some(object) => object.get(key).map(Self::new),
            None => key.parse().ok().and_then(|index: usize| self.elements().get(index).cloned()),
        };
        self.members.borrow_mut().push((key.to_owned(), found.clone()));
        found
    }

    /// The first elements of a list. Nothing else has any.
    pub(crate) fn elements(&self) -> &[Rc<Self>] {
        self.elements.get_or_init(|| {
            let list = self.value.and_then(|value| value.as_array(MAX_ELEMENTS));
            list.map(|(elements, _)| elements.into_iter().map(Self::new).collect()).unwrap_or_default()
        })
    }

    /// A text as it is; anything else as JSON.
    pub(crate) fn text(&self) -> Option<String> {
        let value = self.value?;
        Some(value.as_string().map_or_else(|| value.raw().to_owned(), |text| text.into_owned()))
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.value?.raw() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    pub(crate) fn value(&self) -> Option<Value<'a>> {
        self.value
    }

    fn is(&self, scalar: &Scalar) -> bool {
        let Some(value) = self.value else { return false };
        match scalar {
            Scalar::Flag(flag) => self.flag() == Some(*flag),
            Scalar::Integer(integer) => value.raw().parse() == Ok(*integer),
            Scalar::Text(text) => value.as_string().is_some_and(|found| found == text.as_str()),
        }
    }

    /// An empty text, list or object.
    fn is_empty(&self) -> bool {
        let Some(raw) = self.value.map(Value::raw) else { return false };
        let inner = |open, close| raw.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
        let is_blank = |inner: &str| inner.bytes().all(|byte| byte.is_ascii_whitespace());
        raw == "\"\"" || inner('[', ']').is_some_and(is_blank) || inner('{', '}').is_some_and(is_blank)
    }
}

/// Whether all conditions hold.
pub(crate) fn hold(conditions: &[Condition], node: &Rc<Node<'_>>) -> bool {
    conditions.iter().all(|condition| {
        let found = node.at(&condition.path);
        let found = found.as_deref();
        match &condition.test {
            Test::Is(scalars) => found.is_some_and(|value| scalars.iter().any(|scalar| value.is(scalar))),
            Test::Not(scalars) => !found.is_some_and(|value| scalars.iter().any(|scalar| value.is(scalar))),
            Test::Exists(wanted) => found.is_some() == *wanted,
            Test::Empty(wanted) => found.is_none_or(Node::is_empty) == *wanted,
            Test::Above(limit) => {
                let number = found.and_then(Node::value).and_then(|value| value.raw().parse::<i64>().ok());
                number.is_some_and(|number| number > *limit)
            }
        }
    })
}
