/** What `kubectl explain` says of a kind and of the fields one meets first. Paths are below the kind; `[]` is an item of a list. */
export const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DestinationRule: {
    '': 'What callers do with requests once a route has picked the host: subsets, load balancing, connection limits.',
    'spec.host': 'Service the rule is for: a short name of the rule\'s namespace, or a full name.',
    'spec.subsets': 'Named groups of the host\'s pods, which routes can send requests to.',
    'spec.subsets[].name': 'Name that a route\'s destination.subset refers to.',
    'spec.subsets[].labels': 'Labels that a pod must have to belong to the subset.',
    'spec.trafficPolicy': 'Policy for all of the host; a subset\'s own goes before it.',
    'spec.trafficPolicy.loadBalancer.simple': 'How a pod is picked for each request. Without it: LEAST_REQUEST.',
    'spec.trafficPolicy.outlierDetection': 'When a pod that fails is left out, and for how long.',
    'spec.trafficPolicy.connectionPool': 'Limits beyond which requests are answered with 503.',
    'spec.exportTo': 'Namespaces that see the rule: "." its own, "*" all (the default).'
  },
  Gateway: {
    '': 'Ports and hosts on which gateway pods take requests from outside the mesh. Where these go is a VirtualService\'s business.',
    'spec.selector': 'Labels of the gateway pods, usually istio: ingressgateway.',
    'spec.servers': 'What the pods listen for.',
    'spec.servers[].port': 'Port to listen on.',
    'spec.servers[].hosts': 'Hosts to take requests for; a VirtualService is obeyed only for hosts listed here.',
    'spec.servers[].tls': 'Certificates and modes of an HTTPS or TLS port; httpsRedirect on an HTTP port.',
    'spec.servers[].tls.httpsRedirect': 'Answer with a redirect to https.'
  },
  ServiceEntry: {
    '': 'Makes a host known to the mesh that is not one of its Services, so that calls to it are let out and rules can be made for it.',
    'spec.hosts': 'Names that callers use.',
    'spec.ports': 'Ports of the host, with their protocols.',
    'spec.location': 'Whether the host is outside the mesh (MESH_EXTERNAL, the default) or a part of it.',
    'spec.resolution': 'Where the addresses come from: NONE what the caller dialled, STATIC the endpoints, DNS the name.',
    'spec.endpoints': 'Addresses behind the host.',
    'spec.exportTo': 'Namespaces that see the host: "." its own, "*" all (the default).'
  },
  Sidecar: {
    '': 'What pods of a namespace see of the mesh, and what becomes of calls to hosts that nobody knows.',
    'spec.workloadSelector': 'Pods that the rule is for; all of the namespace without it.',
    'spec.egress': 'Hosts that the pods may call.',
    'spec.egress[].hosts': 'namespace/host; "." is the own namespace, "*" any.',
    'spec.outboundTrafficPolicy.mode': 'Calls to unknown hosts: ALLOW_ANY lets them out, REGISTRY_ONLY stops them.'
  },
  VirtualService: {
    '': 'Where requests for a host go: rules are tried in order, and the first that fits counts.',
    'spec.hosts': 'Hosts the rule is for: short names of the rule\'s namespace, full names, or wildcards.',
    'spec.gateways': 'Gateways the rule is for; "mesh" means calls between pods, and is the default.',
    'spec.exportTo': 'Namespaces that see the rule: "." its own, "*" all (the default).',
    'spec.http': 'Rules for HTTP requests, in order.',
    'spec.http[].match': 'When the rule applies: any one of these; always without it.',
    'spec.http[].match[].headers': 'Request headers; names in lower case.',
    'spec.http[].match[].uri': 'Path without the query.',
    'spec.http[].route': 'Destinations that share the requests by weight.',
    'spec.http[].route[].destination': 'Host, and perhaps subset and port, that gets the request.',
    'spec.http[].route[].weight': 'Share of the requests, relative to the other weights.',
    'spec.http[].timeout': 'How long an answer may take, retries included. Without it: no limit.',
    'spec.http[].retries': 'How often and when a failed request is sent again.',
    'spec.http[].fault': 'Delays and errors made on purpose; without a percentage they never happen.',
    'spec.http[].mirror': 'Host that gets a copy of each request; its answers are ignored.',
    'spec.http[].redirect': 'Answer with a redirect instead of passing the request on.',
    'spec.http[].rewrite': 'Change path or host before the request is passed on.',
    'spec.tls': 'Rules for TLS connections that are not opened, by server name.',
    'spec.tcp': 'Rules for plain TCP connections.'
  }
}
