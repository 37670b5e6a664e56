//! The list of operations: each with its path, its method, and who may call it.
//!
//! Nothing gets into the router except through here, and nothing gets in here without an [`Access`]: what nobody
//! decided about cannot be reached.

use auth::{Caller, Credentials, Permission};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::{HeaderMap, Method};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::extract::Params;
use crate::{Api, ApiError, cors};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, known or not.
    Anybody,
    /// Everybody whose name is known.
    Known,
    /// Whoever has this permission.
    Needs(Permission),
}

/// One operation, as the API's test sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The path, with `{names}`.
    pub path: String,
    /// Who may call it.
    pub access: Access,
    /// Its methods.
    pub methods: Vec<Method>,
}

/// Collects operations.
pub(crate) struct Operations {
    api: Api,
    router: OpenApiRouter<Api>,
    list: Vec<Operation>,
}

impl Operations {
    pub(crate) fn new(api: Api) -> Self {
        Self {
            api,
            router: OpenApiRouter::new(),
            list: Vec::new(),
        }
    }

    /// Adds the operation that `routes!(module::handler)` describes, for whoever has `permission`.
    #[must_use]
    pub(crate) fn add(self, permission: Permission, routes: UtoipaMethodRouter<Api>) -> Self {
        self.open_to(Access::Needs(permission), routes)
    }

    /// Adds an operation that needs something else than a permission.
    #[must_use]
    pub(crate) fn open_to(
        mut self,
        access: Access,
        (schemas, paths, handler): UtoipaMethodRouter<Api>,
    ) -> Self {
        for (path, item) in &paths.paths {
            self.list.push(Operation {
                path: path.clone(),
                access,
                methods: methods(item),
            });
        }
        let handler = handler.route_layer(from_fn_with_state((self.api.clone(), access), guard));
        self.router = self.router.routes((schemas, paths, handler));
        self
    }

    pub(crate) fn list(&self) -> &[Operation] {
        &self.list
    }

    pub(crate) fn into_parts(self) -> (Router<Api>, OpenApi) {
        self.router.split_for_parts()
    }
}

fn methods(item: &utoipa::openapi::PathItem) -> Vec<Method> {
    let known = [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.delete, Method::DELETE),
    ];
    known
        .into_iter()
        .filter(|(operation, _)| operation.is_some())
        .map(|(_, method)| method)
        .collect()
}

/// Lets a request through to its handler if its sender may, and tells the handler who it is.
async fn guard(
    State((api, access)): State<(Api, Access)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if !api.authenticator.is_required()
        && cors::is_foreign(request.headers(), &api.options.allowed_origins)
    {
        return Err(ApiError::Forbidden(
            "While nobody has to log in, pages of other sites may ask for nothing".to_owned(),
        ));
    }
    if access != Access::Anybody {
        let caller = caller(&api, &request)?;
        if let Access::Needs(permission) = access {
            auth::decide(&caller, permission)?;
        }
        request.extensions_mut().insert(caller);
    }
    Params::of(request.uri()).check_flags()?;
    Ok(next.run(request).await)
}

fn caller(api: &Api, request: &Request) -> Result<Caller, ApiError> {
    let params = Params::of(request.uri());
    Ok(api
        .authenticator
        .authenticate(&credentials(request.headers(), &params))?)
}

/// As StackStorm: a header `X-Auth-Token` or `St2-Api-Key`, `Authorization: Bearer|ApiKey`, or the same names in the
/// query.
fn credentials(headers: &HeaderMap, params: &Params) -> Credentials {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let scheme = |scheme: &str| {
        let value = header("authorization")?;
        let (given, rest) = value.split_once(' ')?;
        given
            .eq_ignore_ascii_case(scheme)
            .then(|| rest.trim().to_owned())
    };
    let query = |name: &str| params.get(name).map(str::to_owned);
    Credentials {
        token: header("x-auth-token")
            .or_else(|| scheme("bearer"))
            .or_else(|| query("x-auth-token")),
        api_key: header("st2-api-key")
            .or_else(|| scheme("apikey"))
            .or_else(|| query("st2-api-key")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(headers: &[(&'static str, &'static str)], query: &str) -> Credentials {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    http::HeaderValue::from_static(value),
                )
            })
            .collect();
        credentials(&headers, &Params::parse(query))
    }

    #[test]
    fn credentials_stand_in_headers_or_in_the_query() {
        let token = Credentials {
            token: Some("t".into()),
            api_key: None,
        };
        let key = Credentials {
            token: None,
            api_key: Some("k".into()),
        };

        assert_eq!(given(&[("x-auth-token", "t")], ""), token);
        assert_eq!(given(&[("authorization", "Bearer t")], ""), token);
        assert_eq!(given(&[], "x-auth-token=t"), token);
        assert_eq!(given(&[("st2-api-key", "k")], ""), key);
        assert_eq!(given(&[("authorization", "ApiKey k")], ""), key);
        assert_eq!(given(&[], "st2-api-key=k"), key);
        assert_eq!(
            given(&[("authorization", "Basic eA==")], ""),
            Credentials::default()
        );
    }
}
