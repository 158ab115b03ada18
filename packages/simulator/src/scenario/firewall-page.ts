import { htmlReply, type Reply } from "../http/reply.ts"

/** The page of Alibaba's web firewall: status 200 and HTML, recognisable by `<!doctypehtml>` and the meta tag. */
export function firewallPage(): Reply {
  return htmlReply(
    200,
    '<!doctypehtml><html lang="zh-cn"><head><meta charset="utf-8"><meta name="aliyun_waf_aa" content="a7c1f0d2e4b85963"><title>405</title></head><body>Sorry, your request has been blocked as it may cause potential threats to the server\'s security.</body></html>',
  )
}
